import type { Labels, SeriesColumns } from '@plimsoll/promql';
import { PlimsollError } from '../../errors.ts';
import { MAX_READ_SAMPLES } from './limits.ts';
import { writeSpecial } from './special-values.ts';

const INITIAL_SAMPLES = 64;

/** Samples of one series from one table, in the order the server sent them. */
export class SeriesSamples {
  timestamps = new Float64Array(INITIAL_SAMPLES);
  values = new Float64Array(INITIAL_SAMPLES);
  length = 0;
  /** Every time is later than the one before. */
  ascending = true;

  push(timestampMs: number, value: number): void {
    const at = this.length;
    if (at === this.timestamps.length) this.#grow();
    if (at > 0 && timestampMs <= (this.timestamps[at - 1] ?? 0)) this.ascending = false;
    this.timestamps[at] = timestampMs;
    this.values[at] = value;
    this.length = at + 1;
  }

  pushSpecial(timestampMs: number, word: string): void {
    this.push(timestampMs, 0);
    writeSpecial(word, this.values, this.length - 1);
  }

  #grow(): void {
    const timestamps = new Float64Array(this.timestamps.length * 2);
    const values = new Float64Array(timestamps.length);
    timestamps.set(this.timestamps);
    values.set(this.values);
    this.timestamps = timestamps;
    this.values = values;
  }
}

/** Gathers what several tables hold. */
export class SamplesBySeries {
  readonly #parts = new Map<string, { readonly labels: Labels; readonly parts: SeriesSamples[] }>();
  #budget = MAX_READ_SAMPLES;

  /** A new part of a series. Of samples with one time, that of the part added last is kept. */
  part(labels: Labels): SeriesSamples {
    const part = new SeriesSamples();
    const known = this.#parts.get(labels.key);
    if (known === undefined) this.#parts.set(labels.key, { labels, parts: [part] });
    else known.parts.push(part);
    return part;
  }

  /** @throws PlimsollError 'resource_exhausted' where there are more samples than a read may hold. */
  spend(samples: number): void {
    this.#budget -= samples;
    if (this.#budget >= 0) return;
    throw new PlimsollError(
      'resource_exhausted',
      `a read from QuestDB would hold more than ${MAX_READ_SAMPLES} samples: narrow the selector or the time range`,
    );
  }

  /** The series that have samples. */
  columns(): readonly SeriesColumns[] {
    const columns: SeriesColumns[] = [];
    for (const { labels, parts } of this.#parts.values()) {
      const filled = parts.filter(({ length }) => length > 0);
      const [only] = filled;
      if (only === undefined) continue;
      columns.push({ labels, ...(filled.length === 1 && only.ascending ? trim(only) : merge(filled)) });
    }
    return columns;
  }
}

type Columns = Pick<SeriesColumns, 'timestamps' | 'values'>;

function trim({ timestamps, values, length }: SeriesSamples): Columns {
  return { timestamps: timestamps.slice(0, length), values: values.slice(0, length) };
}

/** By time; of equal times the last part's. Values move as bytes, so that a NaN keeps its bits. */
function merge(parts: readonly SeriesSamples[]): Columns {
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  const times = new Float64Array(total);
  const all = new Float64Array(total);
  let filled = 0;
  for (const { timestamps, values, length } of parts) {
    times.set(timestamps.subarray(0, length), filled);
    all.set(values.subarray(0, length), filled);
    filled += length;
  }
  const order = Array.from(times.keys()).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
  const timestamps = new Float64Array(total);
  const values = new Float64Array(total);
  let kept = 0;
  for (const from of order) {
    const timestampMs = times[from] ?? 0;
    if (kept > 0 && timestamps[kept - 1] === timestampMs) kept--;
    timestamps[kept] = timestampMs;
    values.set(all.subarray(from, from + 1), kept);
    kept++;
  }
  return { timestamps: timestamps.slice(0, kept), values: values.slice(0, kept) };
}
