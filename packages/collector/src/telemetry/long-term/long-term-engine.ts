import type { Labels, Queryable } from '@plimsoll/promql';
import type { MetricMetadata, SeriesLookup } from '../store.ts';
import type { SampleColumns } from '../sample-columns.ts';

/**
 * What becomes of native histograms in a server: they are kept; those with exponential buckets are kept in another form,
 * which is not read back as histograms; or none are taken.
 */
export type HistogramFate = 'kept' | 'converted' | 'left_out';

/**
 * A database beside the collector that keeps telemetry for longer, and for more readers, than one machine's embedded
 * store. The embedded store stays in front of it: it acknowledges, counts each frame once and answers for the newest
 * hours; what it has made durable is then forwarded here, and reads of older times come from here.
 */
export interface LongTermEngine extends Queryable, SeriesLookup, AsyncDisposable {
  /** How messages and metrics name it: "questdb", "remote". */
  readonly name: string;
  /**
   * How long after it took a batch the server may still lose it by a crash, milliseconds; 0 where it writes first. When
   * `write` fails without an answer, what was taken within this time is sent once more.
   */
  readonly settleMs?: number;
  /** Known when `probe` has resolved. Batches hold no histograms that are left out. */
  readonly histograms: HistogramFate;
  /**
   * Finds out at start whether the server is there, speaks what is needed and counts a replayed sample once.
   *
   * @throws PlimsollError 'configuration' where it never will, 'unavailable' where it may later.
   */
  probe(signal: AbortSignal): Promise<void>;
  /**
   * Resolves when the server has acknowledged all of the batch. The same batch again changes nothing.
   *
   * @throws PlimsollError 'unavailable' to be tried again, 'invalid_argument' for data it will never take. Its details may
   * have `answered: true` where the server spoke, and so did not crash, and `retryAfterMs` where it asked for time.
   */
  write(batch: LongTermBatch, signal: AbortSignal): Promise<void>;
  /**
   * For servers that can crash unseen, behind a proxy: whether all that was taken is still there, as far as can be told.
   * After false, what was taken within `settleMs` is sent again. Between batches, empty ones are written as signs of life.
   *
   * @throws PlimsollError 'unavailable' where that cannot be told now.
   */
  stillHas?(signal: AbortSignal): Promise<boolean>;
}

/** Samples in the order they were made durable; `refs` are indexes into `labels`. */
export interface LongTermBatch extends SampleColumns {
  readonly labels: readonly Labels[];
  /** What is known about the families in the batch. */
  readonly metadata: readonly MetricMetadata[];
}
