import type { SeriesRef } from '../../store.ts';
import type { PaddedBytes } from '../chunk/padded-bytes.ts';
import type { Slab } from './decoded-columns.ts';
import type { FrameOrder } from './run.ts';

/** Where an encoded column lies. */
export interface EncodedColumn {
  readonly source: PaddedBytes;
  readonly start: number;
  readonly end: number;
}

/** Columns kept by series, which forget one whose values were given up. */
export interface ColumnKeeper {
  forget(ref: SeriesRef): void;
}

/** The samples of one series in one sealed block: encoded, and decoded while there is memory for it. */
export class SealedColumn {
  /** Ascending; series collected together share one array. */
  readonly timestamps: Float64Array;
  /** By row; null where no frames stand behind the rows. */
  readonly order: FrameOrder | (() => FrameOrder) | null;
  readonly encoded: EncodedColumn;
  values: Float64Array | null = null;
  slab: Slab | null = null;
  /** Where in the source the samples' details begin; -1 where they are values alone. */
  detailsAt = -1;
  /** Known once decoded: rows may have no sample. */
  gaps = false;
  readonly #ref: SeriesRef;
  readonly #keeper: ColumnKeeper | null;

  constructor(
    timestamps: Float64Array,
    order: FrameOrder | (() => FrameOrder) | null,
    encoded: EncodedColumn,
    ref: SeriesRef,
    keeper: ColumnKeeper | null,
  ) {
    this.timestamps = timestamps;
    this.order = order;
    this.encoded = encoded;
    this.#ref = ref;
    this.#keeper = keeper;
  }

  giveUp(): void {
    this.values = null;
    this.slab = null;
    this.#keeper?.forget(this.#ref);
  }
}
