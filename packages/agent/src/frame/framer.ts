import type { Dictionary } from '@plimsoll/proto';
import { DictionaryState } from './dictionary-state.ts';
import { encodeDictionary } from './encode.ts';
import type { SeriesTable } from './series-table.ts';

/** One collection, as it is sent and spooled. */
export interface CollectedFrame {
  readonly epoch: number;
  /** Counts from 1 within the epoch. */
  readonly sequence: number;
  readonly timestampMs: number;
  readonly dictionaryVersion: number;
  /** Little-endian doubles, one for each slot. */
  readonly values: Uint8Array;
}

/** A frame just collected, with what defines its slots. */
export interface NewFrame extends CollectedFrame {
  /** The change of the dictionary this frame is the first to need. */
  readonly amendment: Dictionary | undefined;
  /** The dictionary of this frame's version, complete. */
  readonly dictionary: () => Dictionary;
}

/** Turns the collections of one epoch into frames, numbering them and the versions of their dictionary. */
export class Framer {
  readonly epoch: number;
  readonly #table: SeriesTable;
  readonly #dictionary: DictionaryState;
  #sequence = 0;

  constructor(table: SeriesTable, epoch: number) {
    this.#table = table;
    this.epoch = epoch;
    this.#dictionary = new DictionaryState(epoch);
  }

  /** The frame of the collection just made. Its `dictionary` holds until the next frame is taken. */
  take(timestampMs: number): NewFrame {
    const known = this.#dictionary.version;
    const change = this.#table.takeChange() ?? (known === 0 ? { size: 0, slots: [] } : undefined);
    const amendment = change === undefined ? undefined : encodeDictionary(this.epoch, known + 1, change);
    if (amendment !== undefined) this.#dictionary.apply(amendment);
    return {
      epoch: this.epoch,
      sequence: ++this.#sequence,
      timestampMs,
      dictionaryVersion: this.#dictionary.version,
      values: this.#table.takeValues(),
      amendment,
      dictionary: () => this.#dictionary.complete(),
    };
  }
}
