import { isNoSample } from '@plimsoll/proto';
import type { FloatHistogram, Labels } from '@plimsoll/promql';
import type { LoggedFrame, LogVisitor } from '../embedded/log/log-records.ts';
import { NO_SERIES, type SampleAppend, type SeriesRef } from '../store.ts';
import type { SampleColumns } from '../sample-columns.ts';

/** A frame whose time the agent had before: other frames may have the better value for it. */
export interface ContestedFrame {
  readonly agentId: string;
  readonly refs: Uint32Array;
  readonly timestampMs: number;
  /** Its samples are [from, to) of the columns. */
  readonly from: number;
  readonly to: number;
}

interface AgentSet {
  readonly agentId: string;
  readonly refs: Uint32Array;
}

const FIRST_CAPACITY = 16_384;
const NO_VALUE = Float64Array.of(0);

/** Takes the samples out of the log's records, in their order. */
export class SampleCollector implements LogVisitor {
  /** Definitions that only the log has any more. */
  readonly defined = new Map<SeriesRef, Labels>();
  readonly #labelsOf: (ref: SeriesRef) => Labels | undefined;
  readonly #sets = new Map<number, AgentSet>();
  /** The newest time of each agent's frames. */
  readonly #newest = new Map<string, number>();
  /** No frame before had a later time. */
  #newestMs: number;
  #floorMs: number;
  #refs = new Uint32Array(FIRST_CAPACITY);
  #timestamps = new Float64Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  #count = 0;
  /** By row: few samples have more than a value. */
  #histograms = new Map<number, FloatHistogram>();
  #starts = new Map<number, number>();
  #frames: ContestedFrame[] = [];
  #contested = new Set<ContestedFrame>();
  #definitionsOnly = false;

  constructor(labelsOf: (ref: SeriesRef) => Labels | undefined, newestMs: number) {
    this.#labelsOf = labelsOf;
    this.#newestMs = newestMs;
    this.#floorMs = newestMs;
  }

  /** Samples that are waiting to be taken. */
  get count(): number {
    return this.#count;
  }

  /** The newest time of all frames that were ever collected. */
  get newestMs(): number {
    return this.#newestMs;
  }

  /** Set numbers hold within one segment. */
  beginSegment(): void {
    this.#sets.clear();
  }

  /** With `true`, samples are passed over until it is false again. */
  definitionsOnly(only: boolean): void {
    this.#definitionsOnly = only;
  }

  /** Forgets what was not taken: it will be read again, and then times are not new any more. */
  rewind(): void {
    this.#clear();
    this.#newest.clear();
    this.#floorMs = this.#newestMs;
  }

  /** Hands over what was collected. */
  take(): { readonly samples: SampleColumns; readonly contested: readonly ContestedFrame[] } {
    const count = this.#count;
    const starts = this.#starts;
    const samples = {
      refs: this.#refs.slice(0, count),
      timestampsMs: this.#timestamps.slice(0, count),
      values: this.#values.slice(0, count),
      ...(this.#histograms.size > 0 && {
        histograms: Array.from({ length: count }, (_, row) => this.#histograms.get(row)),
      }),
      ...(starts.size > 0 && {
        startTimestampsMs: Float64Array.from({ length: count }, (_, row) => starts.get(row) ?? 0),
      }),
    };
    const contested = [...this.#contested];
    this.#clear();
    return { samples, contested };
  }

  #clear(): void {
    this.#count = 0;
    this.#histograms = new Map();
    this.#starts = new Map();
    this.#frames = [];
    this.#contested = new Set();
  }

  knows(ref: SeriesRef): boolean {
    return this.defined.has(ref) || this.#labelsOf(ref) !== undefined;
  }

  series(ref: SeriesRef, labels: Labels): void {
    this.defined.set(ref, labels);
  }

  set(setId: number, agentId: string, refs: Uint32Array): void {
    this.#sets.set(setId, { agentId, refs });
  }

  frame(setId: number, frame: LoggedFrame): void {
    if (this.#definitionsOnly) return;
    const set = this.#sets.get(setId);
    if (set === undefined) throw new RangeError(`a frame in the log names the undefined set ${setId}`);
    const { timestampMs } = frame;
    const values = new Float64Array(set.refs.length);
    new Uint8Array(values.buffer).set(frame.valueBytes);
    const from = this.#count;
    this.#reserve(values.length);
    for (let slot = 0; slot < values.length; slot++)
      this.#add(set.refs[slot] ?? NO_SERIES, timestampMs, values, slot);
    this.#note({ ...set, timestampMs, from, to: this.#count });
  }

  samples(batch: SampleAppend): void {
    if (this.#definitionsOnly) return;
    this.#reserve(batch.refs.length);
    for (let i = 0; i < batch.refs.length; i++) {
      const row = this.#count;
      const histogram = batch.histograms?.[i];
      const startMs = batch.startTimestampsMs?.[i] ?? 0;
      // What stands in a histogram's place among the values says nothing.
      const values = histogram === undefined ? batch.values : NO_VALUE;
      this.#add(
        batch.refs[i] ?? NO_SERIES,
        batch.timestampsMs[i] ?? 0,
        values,
        histogram === undefined ? i : 0,
      );
      if (this.#count === row) continue;
      if (histogram !== undefined) this.#histograms.set(row, histogram);
      if (startMs !== 0) this.#starts.set(row, startMs);
    }
  }

  /** The store has what the log says of families, and newer. */
  metadata(): void {}

  #add(ref: SeriesRef, timestampMs: number, values: Float64Array, index: number): void {
    if (ref === NO_SERIES) return;
    const value = values[index] ?? 0;
    const at = this.#count;
    if (value === value) this.#values[at] = value;
    else {
      if (isNoSample(value)) return;
      // Copied as memory: a stale marker's bits must not pass through arithmetic.
      this.#values.set(values.subarray(index, index + 1), at);
    }
    this.#refs[at] = ref;
    this.#timestamps[at] = timestampMs;
    this.#count = at + 1;
  }

  /** Finds out whether an earlier frame may have had this time. */
  #note(frame: ContestedFrame): void {
    const { agentId, timestampMs } = frame;
    const newestMs = this.#newest.get(agentId) ?? this.#floorMs;
    this.#frames.push(frame);
    if (timestampMs > newestMs) {
      this.#newest.set(agentId, timestampMs);
      this.#newestMs = Math.max(this.#newestMs, timestampMs);
      return;
    }
    this.#contested.add(frame);
    for (const other of this.#frames) {
      if (other.agentId === agentId && other.timestampMs === timestampMs) this.#contested.add(other);
    }
  }

  #reserve(more: number): void {
    const needed = this.#count + more;
    if (needed <= this.#refs.length) return;
    const capacity = Math.max(needed, this.#refs.length * 2);
    this.#refs = copied(new Uint32Array(capacity), this.#refs);
    this.#timestamps = copied(new Float64Array(capacity), this.#timestamps);
    this.#values = copied(new Float64Array(capacity), this.#values);
  }
}

function copied<T extends Uint32Array | Float64Array>(into: T, from: T): T {
  into.set(from);
  return into;
}
