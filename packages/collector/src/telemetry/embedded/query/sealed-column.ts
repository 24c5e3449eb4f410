import type { PaddedBytes } from '../chunk/padded-bytes.ts';
import type { Slab } from './decoded-columns.ts';
import type { FrameOrder } from './frame-order.ts';

/** Where samples that are values alone have their details. */
export const NO_DETAILS = -1;

/** The samples of one series in one sealed block: encoded, and decoded while there is memory for it. */
export class SealedColumn {
  /** Ascending; series collected together share one array. */
  readonly timestamps: Float64Array;
  /** By row; null where no frames stand behind the rows. */
  readonly order: (() => FrameOrder) | null;
  /** The encoded column lies in [start, end) of this. */
  readonly source: PaddedBytes;
  readonly start: number;
  readonly end: number;
  values: Float64Array | null = null;
  slab: Slab | null = null;
  /** Where in the source the samples' details begin, or NO_DETAILS. */
  readonly detailsAt: number;
  readBefore = false;
  /** Known once decoded: rows may have no sample. */
  gaps = false;

  constructor(
    timestamps: Float64Array,
    order: (() => FrameOrder) | null,
    source: PaddedBytes,
    start: number,
    end: number,
    detailsAt = NO_DETAILS,
  ) {
    this.timestamps = timestamps;
    this.order = order;
    this.source = source;
    this.start = start;
    this.end = end;
    this.detailsAt = detailsAt;
  }

  /** The values become part of an answer, as they lie there. */
  lend(): void {
    if (this.slab !== null) this.slab.lent = true;
  }

  giveUp(): void {
    this.values = null;
    this.slab = null;
  }
}
