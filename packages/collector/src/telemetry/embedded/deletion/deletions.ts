import type { SeriesRef } from '../../store.ts';

/** Both ends are inclusive. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** A series with the spans its samples were deleted from; none: they are gone for good, or none was deleted. */
export type SeriesDeletion = readonly [ref: SeriesRef, spans: readonly TimeSpan[]];

/** What was deleted and is still somewhere: readers pass over it until it is taken out of the files. */
export class Deletions {
  readonly #spans = new Map<SeriesRef, readonly TimeSpan[]>();

  get size(): number {
    return this.#spans.size;
  }

  /** Ascending and apart from each other; undefined where nothing of a series was deleted. */
  of(ref: SeriesRef): readonly TimeSpan[] | undefined {
    return this.#spans.get(ref);
  }

  [Symbol.iterator](): IterableIterator<SeriesDeletion> {
    return this.#spans.entries();
  }

  set([ref, spans]: SeriesDeletion): void {
    if (spans.length === 0) this.#spans.delete(ref);
    else this.#spans.set(ref, spans);
  }
}

/** Spans with another one, joined where they meet. */
export function withSpan(spans: readonly TimeSpan[], added: TimeSpan): TimeSpan[] {
  const joined: TimeSpan[] = [];
  for (const span of [...spans, added].sort((a, b) => a.startMs - b.startMs)) {
    const last = joined.at(-1);
    if (last === undefined || span.startMs > last.endMs + 1) joined.push(span);
    else joined[joined.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, span.endMs) };
  }
  return joined;
}

export function isWithin(spans: readonly TimeSpan[], timestampMs: number): boolean {
  return spans.some(({ startMs, endMs }) => startMs <= timestampMs && timestampMs <= endMs);
}
