import type { Queryable, SelectRequest, SeriesColumns } from '@plimsoll/promql';
import { INSTANCE } from '@plimsoll/rules';

/** Passes queries on and remembers the newest sample that came back, of each host and in all. */
export class TrackingQueryable implements Queryable {
  readonly #inner: Queryable;
  readonly #newest = new Map<string, number>();
  #newestOfAll: number | null = null;

  constructor(inner: Queryable) {
    this.#inner = inner;
  }

  async select(request: SelectRequest, signal?: AbortSignal): Promise<readonly SeriesColumns[]> {
    const series = await this.#inner.select(request, signal);
    for (const { labels, timestamps } of series) this.#note(labels.get(INSTANCE), timestamps.at(-1));
    return series;
  }

  #note(instance: string, timestampMs: number | undefined): void {
    if (timestampMs === undefined) return;
    if (timestampMs > (this.#newest.get(instance) ?? -Infinity)) this.#newest.set(instance, timestampMs);
    if (timestampMs > (this.#newestOfAll ?? -Infinity)) this.#newestOfAll = timestampMs;
  }

  /** The newest input sample of a host, or of all where the result belongs to none. */
  newest(instance: string): number | null {
    return this.#newest.get(instance) ?? this.#newestOfAll;
  }
}

/** Sees only one host's series. */
export function restrictToInstance(inner: Queryable, instance: string): Queryable {
  const matcher = { name: INSTANCE, type: '=', value: instance } as const;
  return {
    select: async (request, signal) =>
      inner.select({ ...request, matchers: [...request.matchers, matcher] }, signal),
  };
}
