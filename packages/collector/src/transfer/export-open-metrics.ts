import { METRIC_NAME, type SeriesColumns } from '@plimsoll/promql';
import type { TransferRange, TransferSource } from './endpoint.ts';
import type { ExportCounts, ExportOutput } from './export-telemetry.ts';
import { isNumber, type LeftOut, NOTHING_LEFT_OUT } from './left-out.ts';
import { familyHead, seriesText, textFamilies, timestampText, valueText } from './open-metrics-text.ts';

/** Text is written in pieces of about this many characters. */
const PIECE_CHARACTERS = 256 * 1024;

/**
 * Writes OpenMetrics text with a time on each sample: metric after metric, each series' samples together and ascending.
 * Stale markers, native histograms and start timestamps, which the text has no word for, are left out and counted.
 */
export async function exportOpenMetrics(
  source: TransferSource,
  range: TransferRange,
  output: ExportOutput,
  signal: AbortSignal,
): Promise<ExportCounts> {
  const names = await source.labelValues(METRIC_NAME, range);
  const families = textFamilies(names, await source.metadata());
  const counts = { samples: 0, series: 0, ...NOTHING_LEFT_OUT };
  for (const [done, family] of families.entries()) {
    let head = familyHead(family);
    let lastKey = '';
    const matchers = [{ name: METRIC_NAME, type: '=', value: family.name }] as const;
    const selectors = range.selectors.map((selector) => [...selector, ...matchers]);
    for await (const batch of source.read({ ...range, selectors }, signal)) {
      for (const series of batch) {
        const written = await writeSeries(series, head, output, counts);
        if (written === 0) continue;
        if (series.labels.key !== lastKey) counts.series++;
        lastKey = series.labels.key;
        counts.samples += written;
        head = '';
      }
      output.onPart(done, families.length, counts.samples);
    }
    output.onPart(done + 1, families.length, counts.samples);
  }
  await output.write(Buffer.from('# EOF\n'));
  return counts;
}

/** Answers how many samples were written. */
async function writeSeries(
  series: SeriesColumns,
  head: string,
  output: ExportOutput,
  leftOut: LeftOut,
): Promise<number> {
  const { labels, timestamps, values } = series;
  const prefix = `${seriesText(labels)} `;
  let text = head;
  let written = 0;
  for (const [i, timestampMs] of timestamps.entries()) {
    if (!isNumber(series, i, leftOut)) continue;
    const value = values[i] ?? Number.NaN;
    written++;
    text += `${prefix}${valueText(value)} ${timestampText(timestampMs)}\n`;
    if (text.length < PIECE_CHARACTERS) continue;
    await output.write(Buffer.from(text));
    text = '';
  }
  if (written > 0 && text !== '') await output.write(Buffer.from(text));
  return written;
}
