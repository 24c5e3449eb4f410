import { Labels, type Matcher, METRIC_NAME, type SeriesColumns } from '@plimsoll/promql';
import type { LongTermBatch } from '../long-term/long-term-engine.ts';
import { CANARY, CANARY_SERIES, VISIBLE_AFTER_MS } from './remote-options.ts';

interface Beat {
  readonly timestampMs: number;
  /** On the monotonic clock. */
  readonly takenAtMs: number;
}

/** The beats that must be visible by now. */
export interface DueBeats {
  readonly matchers: readonly Matcher[];
  readonly startMs: number;
  readonly endMs: number;
  readonly timestampsMs: readonly number[];
}

/**
 * A sample of the canary series goes with every write; when one of them is gone, so is what was written with it. This
 * shows a crash that no broken connection tells of, because a proxy stands between. There are several series, so that
 * in a small cluster each node has one.
 */
export class Heartbeats {
  readonly #collector: string;
  readonly #labels: readonly Labels[];
  #lastMs = 0;
  #beats: Beat[] = [];

  constructor(collector: string) {
    this.#collector = collector;
    this.#labels = Array.from({ length: CANARY_SERIES }, (_, shard) =>
      Labels.of({ [METRIC_NAME]: CANARY, collector, shard: String(shard) }),
    );
  }

  /** The batch with a beat at a time no other has. */
  mark(batch: LongTermBatch): { readonly marked: LongTermBatch; readonly timestampMs: number } {
    const timestampMs = Math.max(Date.now(), this.#lastMs + 1);
    this.#lastMs = timestampMs;
    const rows = batch.refs.length;
    const marked = {
      ...batch,
      refs: new Uint32Array(rows + CANARY_SERIES),
      timestampsMs: new Float64Array(rows + CANARY_SERIES).fill(timestampMs, rows),
      values: new Float64Array(rows + CANARY_SERIES).fill(1, rows),
      labels: [...batch.labels, ...this.#labels],
    };
    marked.refs.set(batch.refs);
    marked.timestampsMs.set(batch.timestampsMs);
    marked.values.set(batch.values);
    for (let i = 0; i < CANARY_SERIES; i++) marked.refs[rows + i] = batch.labels.length + i;
    return { marked, timestampMs };
  }

  taken(timestampMs: number): void {
    this.#beats.push({ timestampMs, takenAtMs: performance.now() });
  }

  /** Beats of before are of no interest any more: what they went with is sent again. */
  forget(): void {
    this.#beats = [];
  }

  /** What can be looked for now; null for nothing. */
  due(): DueBeats | null {
    const deadlineMs = performance.now() - VISIBLE_AFTER_MS;
    const timestampsMs = this.#beats
      .filter(({ takenAtMs }) => takenAtMs <= deadlineMs)
      .map(({ timestampMs }) => timestampMs);
    const [startMs] = timestampsMs;
    const endMs = timestampsMs.at(-1);
    if (startMs === undefined || endMs === undefined) return null;
    const matchers: Matcher[] = [
      { name: METRIC_NAME, type: '=', value: CANARY },
      { name: 'collector', type: '=', value: this.#collector },
      { name: 'shard', type: '!=', value: '' },
    ];
    return { matchers, startMs, endMs, timestampsMs };
  }

  /** Whether all that were due are there; they are not looked for again. */
  check(due: DueBeats, found: readonly SeriesColumns[]): boolean {
    const here = new Map(found.map(({ labels, timestamps }) => [labels.key, new Set(timestamps)]));
    const complete = this.#labels.every(({ key }) => {
      const times = here.get(key);
      return times !== undefined && due.timestampsMs.every((at) => times.has(at));
    });
    if (complete) this.#beats = this.#beats.filter(({ timestampMs }) => timestampMs > due.endMs);
    else this.forget();
    return complete;
  }
}
