import { isNoSample } from '@plimsoll/proto';

/** A run of samples of one series, ascending in time without repeats. */
export interface Run {
  /** Equal for runs that share `timestamps` and the range taken of it. */
  readonly key: string;
  readonly timestamps: Float64Array;
  /** Half-open range of rows within the asked time range. */
  readonly from: number;
  readonly to: number;
  /** By row: where runs overlap, the higher epoch and then sequence wins. Null counts as lowest. */
  readonly order: () => FrameOrder | null;
  /** Writes the values of rows [from, to) to `out` from `at`; rows without a sample get the "no sample" NaN. */
  readonly read: (out: Float64Array, at: number) => void;
}

/** Which frames the rows come from. */
export interface FrameOrder {
  readonly epochs: Float64Array;
  readonly sequences: Float64Array;
}

export interface Columns {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/** Joins the runs of one series. Series made of the same runs get one and the same `timestamps` array. */
export class Gatherer {
  readonly #shared = new Map<string, Float64Array>();

  gather(runs: readonly Run[]): Columns | null {
    const ordered = runs.length < 2 ? runs : runs.toSorted(byStart);
    const rows = ordered.reduce((sum, run) => sum + run.to - run.from, 0);
    if (rows === 0) return null;
    const values = new Float64Array(rows);
    let at = 0;
    for (const run of ordered) {
      run.read(values, at);
      at += run.to - run.from;
    }
    if (overlap(ordered)) return mergeOverlapping(ordered, values);
    return withoutGaps({ timestamps: this.#timestamps(ordered, rows), values });
  }

  #timestamps(runs: readonly Run[], rows: number): Float64Array {
    const key = runs.map((run) => run.key).join();
    let joined = this.#shared.get(key);
    if (joined === undefined) {
      joined = new Float64Array(rows);
      let at = 0;
      for (const run of runs) {
        joined.set(run.timestamps.subarray(run.from, run.to), at);
        at += run.to - run.from;
      }
      this.#shared.set(key, joined);
    }
    return joined;
  }
}

function byStart(a: Run, b: Run): number {
  return (a.timestamps[a.from] ?? 0) - (b.timestamps[b.from] ?? 0);
}

function overlap(runs: readonly Run[]): boolean {
  for (let i = 1; i < runs.length; i++) {
    const before = runs[i - 1];
    const run = runs[i];
    if (before === undefined || run === undefined) continue;
    if ((run.timestamps[run.from] ?? 0) <= (before.timestamps[before.to - 1] ?? 0)) return true;
  }
  return false;
}

/** Drops rows without a sample; most series have none and keep their shared timestamps. */
function withoutGaps(columns: Columns): Columns | null {
  const { timestamps, values } = columns;
  let gaps = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    // Only NaN differs from itself; the bits are looked at for those alone.
    if (value !== value && isNoSample(value)) gaps++; // oxlint-disable-line no-self-compare
  }
  if (gaps === 0) return columns;
  if (gaps === values.length) return null;
  const kept = {
    timestamps: new Float64Array(values.length - gaps),
    values: new Float64Array(values.length - gaps),
  };
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    if (isNoSample(values[i] ?? 0)) continue;
    kept.timestamps[at] = timestamps[i] ?? 0;
    kept.values.set(values.subarray(i, i + 1), at);
    at++;
  }
  return kept;
}

/** `values` holds the runs' values one after the other. */
function mergeOverlapping(runs: readonly Run[], values: Float64Array): Columns | null {
  const timestamps = new Float64Array(values.length);
  const epochs = new Float64Array(values.length);
  const sequences = new Float64Array(values.length);
  let at = 0;
  for (const run of runs) {
    timestamps.set(run.timestamps.subarray(run.from, run.to), at);
    const order = run.order();
    if (order !== null) {
      epochs.set(order.epochs.subarray(run.from, run.to), at);
      sequences.set(order.sequences.subarray(run.from, run.to), at);
    }
    at += run.to - run.from;
  }
  const present = Array.from({ length: values.length }, (_, i) => i).filter(
    (i) => !isNoSample(values[i] ?? 0),
  );
  const compare = (a: number, b: number): number =>
    (timestamps[a] ?? 0) - (timestamps[b] ?? 0) ||
    (epochs[b] ?? 0) - (epochs[a] ?? 0) ||
    (sequences[b] ?? 0) - (sequences[a] ?? 0);
  const winners = present
    .sort(compare)
    .filter((index, i, sorted) => i === 0 || timestamps[sorted[i - 1] ?? 0] !== timestamps[index]);
  if (winners.length === 0) return null;
  const merged = { timestamps: new Float64Array(winners.length), values: new Float64Array(winners.length) };
  winners.forEach((index, i) => {
    merged.timestamps[i] = timestamps[index] ?? 0;
    merged.values.set(values.subarray(index, index + 1), i);
  });
  return merged;
}
