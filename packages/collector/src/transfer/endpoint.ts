import type { Labels, Matcher, SeriesColumns } from '@plimsoll/promql';
import { weightOf } from '../telemetry/sample-columns.ts';
import type { MetricMetadata } from '../telemetry/store.ts';

/** Which samples: of series that meet any of the selectors, in a time range with both ends included. */
export interface TransferRange {
  readonly selectors: readonly (readonly Matcher[])[];
  readonly startMs: number;
  readonly endMs: number;
}

/** Where samples are read. */
export interface TransferSource extends AsyncDisposable {
  /** How messages name it: the path or the address. */
  readonly name: string;
  /** Samples of a time may still arrive this long after it. */
  readonly settlesWithinMs: number;
  /** When the oldest sample is from, or somewhat earlier; null where there is none. */
  oldestMs(): Promise<number | null>;
  /**
   * The samples in batches of bounded size. A series comes once: its samples ascend, over one batch or several that
   * follow each other.
   */
  read(range: TransferRange, signal: AbortSignal): AsyncGenerator<readonly SeriesColumns[]>;
  metadata(): Promise<readonly MetricMetadata[]>;
  /** What people should know about what was read. */
  remarks(): readonly string[];
  /** Names of the labels of the series in a range, sorted. */
  labelNames(range: TransferRange): Promise<readonly string[]>;
  /** Values of one label of the series in a range, sorted. */
  labelValues(name: string, range: TransferRange): Promise<readonly string[]>;
}

/** Where samples are written. */
export interface TransferTarget extends AsyncDisposable {
  readonly name: string;
  /** Samples before this time it would not keep; -Infinity where it does not say. */
  readonly keptFromMs: number;
  /** Reads back what is there; null where the target cannot be read. */
  readonly readBack: ReadBack | null;
  /** Time that is copied at once: all series of one such window, then those of the next. */
  readonly windowMs: number;
  /** Whether a sample written a second time may harm, so that every batch is compared with what is there first. */
  readonly comparesAlways: boolean;
  setMetadata(families: readonly MetricMetadata[]): Promise<void>;
  /**
   * Takes a batch. What was written before `flush` resolved is durable.
   *
   * @throws WriteRefusal where the target refuses it for what it says; PlimsollError 'unavailable' where it cannot now.
   */
  write(batch: readonly SeriesColumns[], signal: AbortSignal): Promise<void>;
  /** Makes all that was written durable. Called when a time window is complete. */
  flush(): Promise<void>;
  /** What people should know now that all is written. */
  remarks(): readonly string[];
}

/** A target does not take a batch for what it says: too old, another value there. The message is the target's. */
export class WriteRefusal extends Error {
  override readonly name = 'WriteRefusal';
}

/** Answers the samples of these series in a time range, by the key of their labels. */
export type ReadBack = (
  series: readonly Labels[],
  startMs: number,
  endMs: number,
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, SeriesColumns>>;

/** Samples of a batch that goes through memory at once: 16 bytes each, a native histogram counts as several. */
export const MAX_BATCH_SAMPLES = 100_000;

/** How many samples a batch has. */
export function samplesIn(batch: readonly SeriesColumns[]): number {
  return batch.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
}

/** How many float samples a batch takes the room of. */
export function weightIn(batch: readonly SeriesColumns[]): number {
  return batch.reduce(
    (sum, { timestamps, histograms }) =>
      sum + (histograms?.reduce((weight, each) => weight + weightOf(each), 0) ?? timestamps.length),
    0,
  );
}
