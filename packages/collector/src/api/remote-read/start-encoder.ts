import type { BitWriter } from './bit-writer.ts';

/** Writes start timestamps behind the samples of one chunk of at most 127: see `StartDecoder`. */
export class StartEncoder {
  readonly #writer: BitWriter;
  /** Bit 7: the first sample has one; the others: the index of the sample that has another first. */
  header = 0;
  #changesFrom = 0;
  #startMs = 0;
  #distance = 0;

  constructor(writer: BitWriter) {
    this.#writer = writer;
  }

  next(index: number, startMs: number, timeMs: number, previousMs: number): void {
    const isNew = startMs !== this.#startMs;
    this.#startMs = startMs;
    if (index === 0) {
      if (startMs === 0) return;
      this.header = 0x80;
      this.#writer.varint(timeMs - startMs);
      return;
    }
    if (this.#changesFrom === 0 && !isNew) return;
    const distance = previousMs - startMs;
    if (this.#changesFrom === 0) {
      this.#changesFrom = index;
      this.header |= index;
      this.#writer.varbit(distance);
    } else this.#writer.varbit(distance - this.#distance);
    this.#distance = distance;
  }
}
