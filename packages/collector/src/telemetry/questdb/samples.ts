import type { FloatHistogram, Labels, SeriesColumns } from '@plimsoll/promql';
import { joinSamples } from '../long-term/join-samples.ts';
import type { SampleRun } from '../sample-run.ts';
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

/** What a sample has beside a value. */
interface SampleDetail {
  readonly timestampMs: number;
  /** 0 where it is not known. */
  readonly startMs: number;
  readonly histogram: FloatHistogram | undefined;
}

interface SeriesParts {
  readonly labels: Labels;
  readonly parts: SeriesSamples[];
  readonly details: SampleDetail[];
}

/** Gathers what several tables hold. */
export class SamplesBySeries {
  readonly #parts = new Map<string, SeriesParts>();
  #budget = MAX_READ_SAMPLES;

  /** A new part of a series. Of samples with one time, that of the part added last is kept. */
  part(labels: Labels): SeriesSamples {
    const part = new SeriesSamples();
    this.#seriesOf(labels).parts.push(part);
    return part;
  }

  /** A native histogram, or what is known of a sample that some part has. */
  detail(labels: Labels, detail: SampleDetail): void {
    this.#seriesOf(labels).details.push(detail);
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
    for (const { labels, parts, details } of this.#parts.values()) {
      const filled = parts.filter(({ length }) => length > 0);
      const [only] = filled;
      const numbers =
        only === undefined ? null : filled.length === 1 && only.ascending ? trim(only) : merge(filled);
      if (details.length > 0) {
        const joined = withDetails(labels, numbers, details);
        if (joined !== null) columns.push(joined);
      } else if (numbers !== null) columns.push({ labels, ...numbers });
    }
    return columns;
  }

  #seriesOf(labels: Labels): SeriesParts {
    let known = this.#parts.get(labels.key);
    if (known === undefined) this.#parts.set(labels.key, (known = { labels, parts: [], details: [] }));
    return known;
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

/** Null where there are start timestamps alone, whose samples were not asked for. */
function withDetails(
  labels: Labels,
  numbers: Columns | null,
  details: readonly SampleDetail[],
): SeriesColumns | null {
  const held = details.filter(({ histogram }) => histogram !== undefined);
  const runs: SampleRun[] = numbers === null ? [] : [numbers];
  if (held.length > 0) {
    runs.push({
      timestamps: Float64Array.from(held, ({ timestampMs }) => timestampMs),
      values: new Float64Array(held.length),
      histograms: held.map(({ histogram }) => histogram),
    });
  }
  const joined = joinSamples(labels, runs);
  const starts = new Map(details.map(({ timestampMs, startMs }) => [timestampMs, startMs]));
  if (joined === null || ![...starts.values()].some((startMs) => startMs !== 0)) return joined;
  const startTimestamps = joined.timestamps.map((timestampMs) => starts.get(timestampMs) ?? 0);
  return { ...joined, startTimestamps };
}
