import type { SeriesRef } from '../../store.ts';
import type { SampleDetails } from '../details/sample-details.ts';
import type { BlockLocation } from '../chunk/block-files.ts';
import type { FrameSet } from './frame-set.ts';

/** A sealed block of frames: on disk, its times in memory. */
export interface EncodedFrames {
  readonly id: number;
  readonly set: FrameSet;
  readonly windowStartMs: number;
  readonly location: BlockLocation;
  /** The newest segment of the log that holds any of the rows. */
  readonly lastSegment: number;
  /** Strictly ascending. */
  readonly timestamps: Float64Array;
}

/** Samples of series with times of their own, taken from the head together; on disk once there is a location. */
export interface LooseBlock {
  readonly id: number;
  readonly windowStartMs: number;
  /** Ascending. */
  readonly refs: Uint32Array;
  readonly firstSegment: number;
  readonly lastSegment: number;
  readonly oldestMs: number;
  readonly newestMs: number;
  /** The samples while they are not on disk. */
  raw: RawLooseColumns | null;
  location: BlockLocation | null;
}

export interface RawLooseColumns {
  readonly counts: Uint32Array;
  /** Where each series begins in the columns. */
  readonly starts: Uint32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** By series; null where its samples, or those of all series, are values alone. */
  readonly details: readonly (SampleDetails | null)[] | null;
}

/** Index of a series in a block, -1 where it is not. */
export function findRef(refs: Uint32Array, ref: SeriesRef): number {
  let low = 0;
  let high = refs.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = refs[middle] ?? 0;
    if (found === ref) return middle;
    if (found < ref) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
