import type { DayStore } from '../day-store.ts';
import type { Deletions } from '../deletion/deletions.ts';
import type { Head } from '../head/head.ts';
import type { SeriesIndex } from '../index/series-index.ts';
import type { RecentBlocks } from '../recent-blocks.ts';
import type { RollupStore } from '../rollup/rollup-store.ts';
import type { DecodedColumns } from './decoded-columns.ts';
import type { ValuePool } from './value-pool.ts';

/** Everywhere samples can be: not sealed, sealed a while ago, in the days' files and in rollups; and what was deleted. */
export interface StoredSamples {
  readonly index: SeriesIndex;
  readonly head: Head;
  readonly recent: RecentBlocks;
  readonly days: DayStore;
  readonly rollups: RollupStore;
  readonly deletions: Deletions;
}

/** The samples, and what reading keeps. */
export interface Samples extends StoredSamples {
  readonly decoded: DecodedColumns;
  readonly pool: ValuePool;
  /** Aborted when the store closes: reads that rest end then. */
  readonly closing: AbortSignal;
}
