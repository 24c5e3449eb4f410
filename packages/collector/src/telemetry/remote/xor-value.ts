import { ProtoError } from '../../api/remote-write/proto-reader.ts';
import type { BitReader } from './bit-reader.ts';

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** A double that is written as its XOR with the one before, after Facebook's Gorilla paper. It keeps all its bits. */
export class XorValue {
  #high = 0;
  #low = 0;
  #leading = 0;
  #trailing = 0;

  /** The value; a NaN's bits may not survive, see `put`. */
  get value(): number {
    words[0] = this.#low;
    words[1] = this.#high;
    return double[0] ?? 0;
  }

  get isStale(): boolean {
    return this.#high === 0x7ff0_0000 && this.#low === 2;
  }

  /** Writes the value into the memory of a column of doubles, bit for bit. */
  put(column: Uint32Array, index: number): void {
    column[index * 2] = this.#low;
    column[index * 2 + 1] = this.#high;
  }

  /** Reads a value that is written as it is. */
  readWhole(reader: BitReader): void {
    this.#high = reader.bits(32);
    this.#low = reader.bits(32);
  }

  /** Makes it 0. */
  reset(): void {
    this.#high = 0;
    this.#low = 0;
  }

  /** Reads one bit more, or two, that tell whether the value and its window of bits are new. */
  read(reader: BitReader): void {
    if (reader.bit() === 0) return;
    if (reader.bit() === 1) this.readWindow(reader);
    else this.readInWindow(reader);
  }

  /** Reads a new window of bits, and what is in it. */
  readWindow(reader: BitReader): void {
    this.#leading = reader.bits(5);
    // 64 is written as 0.
    const length = reader.bits(6) || 64;
    this.#trailing = 64 - this.#leading - length;
    if (this.#trailing < 0) throw new ProtoError('a chunk has a value of more than 64 bits');
    this.readInWindow(reader);
  }

  /** Reads the bits of the window that was told last. */
  readInWindow(reader: BitReader): void {
    const length = 64 - this.#leading - this.#trailing;
    const shift = this.#trailing;
    let high = length > 32 ? reader.bits(length - 32) : 0;
    let low = reader.bits(Math.min(length, 32));
    if (shift >= 32) {
      high = low << (shift - 32);
      low = 0;
    } else if (shift > 0) {
      high = (high << shift) | (low >>> (32 - shift));
      low <<= shift;
    }
    this.#high = (this.#high ^ high) >>> 0;
    this.#low = (this.#low ^ low) >>> 0;
  }
}
