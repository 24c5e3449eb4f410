import type { Queryable, SelectRequest, SeriesColumns } from '@plimsoll/promql';
import { INSTANCE } from '@plimsoll/rules';

/** Passes queries on and keeps what came back, so that the newest sample behind an alert can be told. */
export class TrackingQueryable implements Queryable {
  readonly #inner: Queryable;
  readonly #reads: (readonly SeriesColumns[])[] = [];
  /** Made when first asked for: most evaluations find nothing to tell. */
  #newest: Map<string, number> | undefined;

  constructor(inner: Queryable) {
    this.#inner = inner;
  }

  async select(request: SelectRequest, signal?: AbortSignal): Promise<readonly SeriesColumns[]> {
    const series = await this.#inner.select(request, signal);
    this.#reads.push(series);
    this.#newest = undefined;
    return series;
  }

  /** The newest input sample of a host, or of all where the result belongs to none. */
  newest(instance: string): number | null {
    this.#newest ??= newestByInstance(this.#reads.flat());
    return this.#newest.get(instance) ?? this.#newest.get(ANY) ?? null;
  }
}

/** No host's name: it cannot be a label value. */
const ANY = '\uD800';

function newestByInstance(series: readonly SeriesColumns[]): Map<string, number> {
  const newest = new Map<string, number>();
  const note = (key: string, timestampMs: number): void => {
    if (timestampMs > (newest.get(key) ?? -Infinity)) newest.set(key, timestampMs);
  };
  for (const { labels, timestamps } of series) {
    const timestampMs = timestamps.at(-1);
    if (timestampMs === undefined) continue;
    note(labels.get(INSTANCE), timestampMs);
    note(ANY, timestampMs);
  }
  return newest;
}

/** Sees only one host's series. */
export function restrictToInstance(inner: Queryable, instance: string): Queryable {
  const matcher = { name: INSTANCE, type: '=', value: instance } as const;
  return {
    select: async (request, signal) =>
      inner.select({ ...request, matchers: [...request.matchers, matcher] }, signal),
  };
}
