import type { LongTermBatch } from '../long-term/long-term-engine.ts';
import type { DescribedSeries } from './describe-series.ts';

/** Samples with one time that differ in their metric only. */
export interface Row {
  readonly timestampMs: number;
  /** That of the first sample; its labels but the metric's name are those of all. */
  readonly series: DescribedSeries;
  readonly metrics: string[];
  /** Where each metric's sample is in the batch. */
  readonly samples: number[];
}

/** The rows that a batch's samples make; samples that cannot be in a wide table are rows of their own at the end. */
export function gatherRows(
  { refs, timestampsMs }: LongTermBatch,
  series: readonly DescribedSeries[],
): { readonly rows: readonly Row[]; readonly single: readonly number[] } {
  const numbers = new Map<string, number>();
  const numberOf = series.map(({ labelNames, row }) => {
    if (labelNames === null) return -1;
    const number = numbers.get(row) ?? numbers.size;
    numbers.set(row, number);
    return number;
  });
  const byTime = new Map<number, (Row | undefined)[]>();
  const rows: Row[] = [];
  const single: number[] = [];
  let timeMs = Number.NaN;
  let atTime: (Row | undefined)[] = [];
  for (let sample = 0; sample < refs.length; sample++) {
    const ref = refs[sample] ?? 0;
    const number = numberOf[ref] ?? -1;
    const described = series[ref];
    const timestampMs = timestampsMs[sample] ?? 0;
    if (number < 0 || described === undefined) {
      single.push(sample);
      continue;
    }
    if (timestampMs !== timeMs) {
      timeMs = timestampMs;
      atTime = byTime.get(timestampMs) ?? [];
      byTime.set(timestampMs, atTime);
    }
    let row = atTime[number];
    if (row === undefined) {
      row = { timestampMs, series: described, metrics: [], samples: [] };
      atTime[number] = row;
      rows.push(row);
    }
    row.metrics.push(described.metric);
    row.samples.push(sample);
  }
  return { rows, single };
}
