import type { LongTermBatch } from '../long-term/long-term-engine.ts';
import type { DescribedSeries, RowLabels } from './describe-series.ts';

/** Samples with one time that differ in their metric only. */
export interface Row {
  readonly timestampMs: number;
  readonly labels: RowLabels;
  readonly metrics: string[];
  /** Where each metric's sample is in the batch. */
  readonly samples: number[];
}

export interface GatheredRows {
  readonly rows: readonly Row[];
  /** Samples that cannot be in a wide table. */
  readonly single: readonly number[];
  /** Samples that are native histograms, or have a start timestamp. */
  readonly detailed: readonly number[];
}

/** The rows that a batch's samples make. `series` are those of the batch's labels. */
export function gatherRows(batch: LongTermBatch, series: readonly DescribedSeries[]): GatheredRows {
  const { refs, timestampsMs, histograms } = batch;
  const byTime = new Map<number, Map<RowLabels, Row>>();
  const rows: Row[] = [];
  const single: number[] = [];
  let atTime = new Map<RowLabels, Row>();
  let timeMs = Number.NaN;
  let row: Row | undefined;
  for (let sample = 0; sample < refs.length; sample++) {
    const described = series[refs[sample] ?? 0];
    const timestampMs = timestampsMs[sample] ?? 0;
    if (histograms?.[sample] !== undefined) continue;
    if (described === undefined || !described.fitsWide) {
      single.push(sample);
      continue;
    }
    if (timestampMs !== timeMs) {
      timeMs = timestampMs;
      atTime = byTime.get(timestampMs) ?? new Map<RowLabels, Row>();
      byTime.set(timestampMs, atTime);
      row = undefined;
    }
    // Most samples follow one of their own row.
    if (row?.labels !== described.row) {
      row = atTime.get(described.row);
      if (row === undefined) {
        row = { timestampMs, labels: described.row, metrics: [], samples: [] };
        atTime.set(described.row, row);
        rows.push(row);
      }
    }
    row.metrics.push(described.metric);
    row.samples.push(sample);
  }
  return { rows, single, detailed: detailedOf(batch) };
}

function detailedOf({ refs, histograms, startTimestampsMs }: LongTermBatch): readonly number[] {
  if (histograms === undefined && startTimestampsMs === undefined) return [];
  return Array.from(refs.keys()).filter(
    (sample) => histograms?.[sample] !== undefined || (startTimestampsMs?.[sample] ?? 0) !== 0,
  );
}
