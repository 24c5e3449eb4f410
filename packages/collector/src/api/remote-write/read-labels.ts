import { Labels, METRIC_NAME } from '@plimsoll/promql';
import type { FileConfig } from '../../config/config.ts';
import { seriesText } from './write-faults.ts';

const LABEL_TEXT = new TextEncoder();

/** The labels of a written series, or in Prometheus' words why they cannot be: no name, a label twice, over a limit. */
export function readLabels(pairs: readonly string[], limits: FileConfig['ingest']): Labels | string {
  const count = pairs.length / 2;
  if (count > limits.maxLabelsPerSeries) {
    return `a series has ${count} labels, more than ingest.maxLabelsPerSeries = ${limits.maxLabelsPerSeries}`;
  }
  const entries = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    const value = pairs[i + 1] ?? '';
    if (entries.has(name)) {
      return `invalid labels for series, labels ${seriesText(pairs)}, duplicated label ${name}`;
    }
    if (isLonger(name, limits.maxLabelNameBytes) || isLonger(value, limits.maxLabelValueBytes)) {
      return 'a label is longer than ingest.maxLabelNameBytes or ingest.maxLabelValueBytes';
    }
    entries.set(name, value);
  }
  if ((entries.get(METRIC_NAME) ?? '') === '' || entries.has('')) {
    return `invalid metric name or labels, got ${seriesText(pairs)}`;
  }
  return Labels.fromEntries(entries);
}

function isLonger(text: string, maxBytes: number): boolean {
  // A UTF-16 unit is at most three bytes of UTF-8: most texts need no encoding to be judged.
  return text.length * 3 > maxBytes && LABEL_TEXT.encode(text).length > maxBytes;
}
