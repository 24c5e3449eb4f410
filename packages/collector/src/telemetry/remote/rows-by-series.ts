import type { LongTermBatch } from '../long-term/long-term-engine.ts';

/** The rows of a batch series by series, each in ascending time. */
export interface RowsBySeries {
  readonly rows: Uint32Array;
  /** The rows of series i are [starts[i], starts[i + 1]). */
  readonly starts: Uint32Array;
}

/** Sorts rows by series, keeping their order, and by time where a series' times go back. */
export function rowsBySeries({ refs, timestampsMs, labels }: LongTermBatch): RowsBySeries {
  const starts = new Uint32Array(labels.length + 1);
  for (const ref of refs) starts[ref + 1] = (starts[ref + 1] ?? 0) + 1;
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const next = starts.slice();
  const rows = new Uint32Array(refs.length);
  for (let row = 0; row < refs.length; row++) {
    const ref = refs[row] ?? 0;
    const at = next[ref] ?? 0;
    rows[at] = row;
    next[ref] = at + 1;
  }
  for (let i = 0; i < labels.length; i++) {
    const own = rows.subarray(starts[i], starts[i + 1]);
    if (!ascending(own, timestampsMs))
      own.sort((a, b) => (timestampsMs[a] ?? 0) - (timestampsMs[b] ?? 0) || a - b);
  }
  return { rows, starts };
}

function ascending(rows: Uint32Array, timestampsMs: Float64Array): boolean {
  for (let i = 1; i < rows.length; i++) {
    if ((timestampsMs[rows[i] ?? 0] ?? 0) < (timestampsMs[rows[i - 1] ?? 0] ?? 0)) return false;
  }
  return true;
}

/** Rows of one series that follow each other and are all histograms, or all numbers. */
export interface Run {
  readonly rows: Uint32Array;
  readonly histograms: boolean;
}

/** Cuts a series' rows: a message holds numbers or histograms, and receivers want both in the order of time. */
export function* runsOf({ histograms }: LongTermBatch, rows: Uint32Array): Generator<Run, void> {
  if (histograms === undefined) {
    if (rows.length > 0) yield { rows, histograms: false };
    return;
  }
  const isHistogram = (at: number): boolean => histograms[rows[at] ?? 0] !== undefined;
  for (let from = 0, to = 1; from < rows.length; to++) {
    if (to < rows.length && isHistogram(to) === isHistogram(from)) continue;
    yield { rows: rows.subarray(from, to), histograms: isHistogram(from) };
    from = to;
  }
}
