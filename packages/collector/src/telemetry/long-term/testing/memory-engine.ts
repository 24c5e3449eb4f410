import type { FloatHistogram, Labels, SelectRequest, SeriesColumns } from '@plimsoll/promql';
import { PlimsollError } from '../../../errors.ts';
import type { HistogramFate, LongTermBatch, LongTermEngine } from '../long-term-engine.ts';

interface Row {
  readonly labels: Labels;
  readonly timestampMs: number;
  readonly value: number;
  readonly histogram: FloatHistogram | undefined;
  /** When the counting began. */
  readonly sinceMs: number;
}

/**
 * A server in memory that can crash: it acknowledges first and writes later, so that a crash takes the newest of what
 * it acknowledged with it. For one series and time the last write counts.
 */
export class MemoryEngine implements LongTermEngine {
  readonly name = 'memory';
  readonly settleMs = 40;
  histograms: HistogramFate = 'kept';
  /** Fails this many of the next writes, the way it says. */
  failures: ('busy' | 'gone' | 'silent')[] = [];
  /** Series it will never take. */
  refused = '';
  writes = 0;
  #crashedUnseen = false;
  readonly #kept = new Map<string, Row>();
  #fresh: { readonly atMs: number; readonly rows: readonly Row[] }[] = [];

  probe(): Promise<void> {
    return Promise.resolve();
  }

  write(batch: LongTermBatch): Promise<void> {
    this.writes++;
    const failure = this.failures.shift();
    if (failure === 'busy') return Promise.reject(busy());
    if (failure === 'gone') return Promise.reject(new PlimsollError('unavailable', 'connection reset'));
    if (this.refused !== '' && batch.labels.some(({ name }) => name === this.refused)) {
      return Promise.reject(new PlimsollError('invalid_argument', `no ${this.refused}`));
    }
    const rows = Array.from(batch.refs, (ref, i): Row[] => {
      const labels = batch.labels[ref];
      return labels === undefined
        ? []
        : [
            {
              labels,
              timestampMs: batch.timestampsMs[i] ?? 0,
              value: batch.values[i] ?? 0,
              histogram: batch.histograms?.[i],
              sinceMs: batch.startTimestampsMs?.[i] ?? 0,
            },
          ];
    }).flat();
    this.#settle();
    this.#fresh.push({ atMs: performance.now(), rows });
    // Taken, and then the answer is lost.
    return failure === 'silent'
      ? Promise.reject(new PlimsollError('unavailable', 'timed out'))
      : Promise.resolve();
  }

  /** Loses what it took within the last milliseconds, and the connection, unless something stands between. */
  crash(unseen = false): void {
    this.#settle();
    this.#fresh = [];
    if (unseen) this.#crashedUnseen = true;
    else this.failures.unshift('gone');
  }

  stillHas(): Promise<boolean> {
    const has = !this.#crashedUnseen;
    this.#crashedUnseen = false;
    return Promise.resolve(has);
  }

  /** Every sample it has, as text, sorted. */
  content(): string[] {
    return this.#all()
      .map((row) => sampleText(row.labels, row))
      .sort();
  }

  select({ startMs, endMs }: SelectRequest): Promise<readonly SeriesColumns[]> {
    const inRange = this.#all().filter(({ timestampMs }) => timestampMs >= startMs && timestampMs <= endMs);
    const series = Map.groupBy(inRange, ({ labels }) => labels.key);
    return Promise.resolve(
      Array.from(series.values(), (rows) => {
        rows.sort((a, b) => a.timestampMs - b.timestampMs);
        return {
          labels: rows[0]?.labels as Labels,
          timestamps: Float64Array.from(rows, ({ timestampMs }) => timestampMs),
          values: Float64Array.from(rows, ({ value }) => value),
          histograms: rows.map(({ histogram }) => histogram),
          startTimestamps: Float64Array.from(rows, ({ sinceMs }) => sinceMs),
        };
      }),
    );
  }

  series(): Promise<readonly Labels[]> {
    return Promise.resolve([...new Map(this.#all().map(({ labels }) => [labels.key, labels])).values()]);
  }

  labelNames(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  labelValues(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  /** What is half as old as the promised time is on the disk. */
  #settle(): void {
    const deadlineMs = performance.now() - this.settleMs / 2;
    while (this.#fresh[0] !== undefined && this.#fresh[0].atMs <= deadlineMs) {
      for (const row of this.#fresh.shift()?.rows ?? []) this.#kept.set(keyOf(row), row);
    }
  }

  #all(): Row[] {
    const all = new Map(this.#kept);
    for (const { rows } of this.#fresh) for (const row of rows) all.set(keyOf(row), row);
    return [...all.values()];
  }
}

/** A sample as text. */
export function sampleText(
  labels: Labels,
  { timestampMs, value, histogram, sinceMs }: Omit<Row, 'labels'>,
): string {
  const since = sinceMs === 0 ? '' : ` since ${sinceMs}`;
  return `${labels.toString()} ${timestampMs} ${histogram?.toString() ?? value}${since}`;
}

function keyOf({ labels, timestampMs }: Row): string {
  return `${labels.key} ${timestampMs}`;
}

function busy(): PlimsollError {
  return new PlimsollError('unavailable', 'busy', { details: { answered: true, retryAfterMs: 5 } });
}
