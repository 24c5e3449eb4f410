import {
  type Labels,
  METRIC_NAME,
  type Queryable,
  type SelectRequest,
  type SeriesColumns,
  SKETCH_FUNCTIONS,
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
    // Of the hints, those alone that decide on rollups: what is read for one function serves all others.
    const read = { matchers, startMs, endMs, ...rollupHints(request) };
    const key = JSON.stringify(read);
    const known = this.#reads.get(key);
    if (known !== undefined) return known.series;
    const series = this.#inner.select(read, signal);
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

function rollupHints({ rollups, rangeMs = 0, function: name = '' }: SelectRequest): Partial<SelectRequest> {
  if (rollups !== true) return {};
  return { rollups, rangeMs, ...(SKETCH_FUNCTIONS.has(name) && { function: name }) };
}
