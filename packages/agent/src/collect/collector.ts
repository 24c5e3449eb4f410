import type { SeriesTable } from '../frame/series-table.ts';
import type { Log } from '../log.ts';
import type { PseudoFiles } from './pseudo-files.ts';

/** Where the host's trees are: in a container they are mounted elsewhere. */
export interface HostPaths {
  readonly procfs: string;
  readonly sysfs: string;
  readonly rootfs: string;
  readonly udevData: string;
}

/** What a collector works with. */
export interface CollectContext {
  readonly paths: HostPaths;
  readonly files: PseudoFiles;
  readonly table: SeriesTable;
  readonly textfileDirectories: readonly string[];
  readonly log: Log;
  /** Wall clock, milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** One family of measurements: writes what it reads into its slots of the table. */
export interface Collector {
  /**
   * @throws NoData when this host has nothing of the kind, the system's error when reading failed: either way the
   * collector's series have no sample in this collection.
   */
  collect(): void | Promise<void>;
}

/** This host has nothing to collect here, which is no fault: reported as no success, not logged. */
export class NoData extends Error {
  override readonly name = 'NoData';
}

/** Makes a collector of one kind. */
export type CollectorFactory = (context: CollectContext) => Collector;
