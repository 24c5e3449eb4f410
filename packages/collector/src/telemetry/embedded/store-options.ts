import type { FileLayer } from './files.ts';
import type { WriterOptions } from './writer/store-writer.ts';
import type { WriterListener, WriterPort } from './writer/writer-port.ts';

export type StartWriter = (options: WriterOptions, listener: WriterListener) => WriterPort;

/** How an embedded store behaves; every field has a default. Durations in milliseconds. */
export interface EmbeddedStoreOptions {
  /** Appends are gathered this long into one durable commit. */
  readonly commitIntervalMs: number;
  /** Samples this much older than the newest of their series are still taken; 0 takes ascending samples only. */
  readonly outOfOrderWindowMs: number;
  readonly retentionTimeMs: number;
  readonly retentionSizeBytes: number;
  /** How long rollups of samples that were dropped are kept; 0 makes none. */
  readonly rollupRetentionMs: number;
  /** Appends are refused while the file system has less than this free. */
  readonly freeSpaceReserveBytes: number;
  /** New series beyond this many are refused. */
  readonly maxSeries: number;
  /**
   * Keeps the log for one who reads it behind the writer, and refuses appends while this much of it was not read; null
   * where nobody does.
   */
  readonly queueLimitBytes: number | null;
  /**
   * Memory for decoded values that queries come back for; half as much is for chunks that they read. After large
   * queries, up to 24 MiB more of their answers' is kept for a minute.
   */
  readonly readMemoryBytes: number;
  /** How soon a store that could not write tries again. */
  readonly retryIntervalMs: number;
  /** `thread` in service; tests put a file layer of their own under the writer, or start one that dies. */
  readonly writer: 'thread' | { readonly files: FileLayer } | { readonly start: StartWriter };
}

export const DEFAULT_STORE_OPTIONS: EmbeddedStoreOptions = {
  commitIntervalMs: 100,
  outOfOrderWindowMs: 0,
  retentionTimeMs: 30 * 24 * 3600 * 1000,
  retentionSizeBytes: 10 * 1024 ** 3,
  rollupRetentionMs: 0,
  freeSpaceReserveBytes: 0,
  maxSeries: 1_000_000,
  queueLimitBytes: null,
  // The working set of a dashboard or two: a few thousand series over some hours.
  readMemoryBytes: 24 * 1024 * 1024,
  retryIntervalMs: 1000,
  writer: 'thread',
};
