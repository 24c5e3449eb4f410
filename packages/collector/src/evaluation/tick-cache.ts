import {
  type Labels,
  METRIC_NAME,
  type Queryable,
  type SelectRequest,
  type SeriesColumns,
} from '@plimsoll/promql';

/**
 * Remembers what was read during one tick of a group: its rules often read the same series at the same time. Series
 * written by a rule are read again by the rules after it.
 */
export class TickCache implements Queryable {
  readonly #inner: Queryable;
  readonly #reads = new Map<
    string,
    { readonly metric: string; readonly series: Promise<readonly SeriesColumns[]> }
  >();

  constructor(inner: Queryable) {
    this.#inner = inner;
  }

  async select(request: SelectRequest, signal?: AbortSignal): Promise<readonly SeriesColumns[]> {
    const metric = request.matchers.find(({ name, type }) => name === METRIC_NAME && type === '=')?.value;
    if (metric === undefined) return this.#inner.select(request, signal);
    const { matchers, startMs, endMs } = request;
    const key = JSON.stringify([matchers, startMs, endMs]);
    const known = this.#reads.get(key);
    if (known !== undefined) return known.series;
    // Without the hints: what is read for one function serves all others.
    const series = this.#inner.select({ matchers, startMs, endMs }, signal);
    this.#reads.set(key, { metric, series });
    return series;
  }

  /** Forgets what was read of these series' metrics. */
  wrote(series: Iterable<{ readonly labels: Labels }>): void {
    const metrics = new Set<string>();
    for (const { labels } of series) metrics.add(labels.name);
    if (metrics.size === 0) return;
    for (const [key, { metric }] of this.#reads) if (metrics.has(metric)) this.#reads.delete(key);
  }
}
