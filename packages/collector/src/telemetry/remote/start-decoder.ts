import type { BitReader } from './bit-reader.ts';

/** Start timestamps behind the samples of one chunk: as distances to the sample before, from the first change on. */
export class StartDecoder {
  readonly #firstKnown: boolean;
  readonly #changesFrom: number;
  #startMs = 0;
  #distance = 0;

  /** @param header bit 7: the first sample has one; the others: the index of the sample that has another first. */
  constructor(header: number) {
    this.#firstKnown = (header & 0x80) !== 0;
    this.#changesFrom = header & 0x7f;
  }

  /** The start timestamp of the sample at an index, 0 where it is not known; all are asked for in turn. */
  next(reader: BitReader, index: number, timeMs: number, previousMs: number): number {
    if (index === 0) {
      if (this.#firstKnown) this.#startMs = timeMs - reader.varint();
    } else if (this.#changesFrom > 0 && index >= this.#changesFrom) {
      const told = reader.varbit();
      this.#distance = index === this.#changesFrom ? told : this.#distance + told;
      this.#startMs = previousMs - this.#distance;
    }
    return this.#startMs;
  }
}
