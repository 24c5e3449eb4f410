import { isStaleMarker, writeStaleMarker } from '@plimsoll/proto';
import type { BitWriter } from './bit-writer.ts';

/** Writes doubles as XOR with the one before, after Facebook's Gorilla paper: the bits between leading and trailing zeros. */
export class XorWriter {
  readonly #writer: BitWriter;
  readonly #value = new Float64Array(1);
  readonly #halves = new DataView(this.#value.buffer);
  #high = 0;
  #low = 0;
  /** What differs from the value before. */
  #xorHigh = 0;
  #xorLow = 0;
  /** The window of bits the last value was written in; none before the first. */
  #leading = -1;
  #trailing = 0;

  constructor(writer: BitWriter) {
    this.#writer = writer;
  }

  /** Takes the next value; answers whether all its bits are those of the one before, which is 0 at first. */
  take(value: number): boolean {
    // A stale marker is known by all of its bits, which a plain copy may change.
    if (isStaleMarker(value)) writeStaleMarker(this.#value, 0);
    else this.#value[0] = value;
    const high = this.#halves.getUint32(4, true);
    const low = this.#halves.getUint32(0, true);
    this.#xorHigh = (high ^ this.#high) >>> 0;
    this.#xorLow = (low ^ this.#low) >>> 0;
    this.#high = high;
    this.#low = low;
    return this.#xorHigh === 0 && this.#xorLow === 0;
  }

  /** Writes the value as it is. */
  whole(): void {
    this.#writer.write64(this.#high, this.#low, 64);
  }

  /** Takes and writes the next value, with one bit more, or two, that tell whether it and its window are new. */
  next(value: number): void {
    if (this.take(value)) this.#writer.write(0, 1);
    else this.changed({ window: [0b11, 2], inWindow: [0b10, 2] });
  }

  /** Writes the value's difference, behind the bits that tell whether its window is a new one. */
  changed(forms: Readonly<Record<'window' | 'inWindow', readonly [bits: number, count: number]>>): void {
    const [high, low] = [this.#xorHigh, this.#xorLow];
    // Five bits tell the leading zeros.
    const leading = Math.min(high === 0 ? 32 + Math.clz32(low) : Math.clz32(high), 31);
    const trailing = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low);
    if (this.#leading >= 0 && leading >= this.#leading && trailing >= this.#trailing) {
      this.#writer.write(...forms.inWindow);
    } else {
      this.#leading = leading;
      this.#trailing = trailing;
      this.#writer.write(...forms.window);
      this.#writer.write(leading, 5);
      // Six bits tell the length; 64 is written as 0.
      this.#writer.write(64 - leading - trailing, 6);
    }
    this.#writeWindow(high, low);
  }

  #writeWindow(high: number, low: number): void {
    const shift = this.#trailing;
    const count = 64 - this.#leading - shift;
    if (shift >= 32) this.#writer.write64(0, high >>> (shift - 32), count);
    else if (shift === 0) this.#writer.write64(high, low, count);
    else this.#writer.write64(high >>> shift, (low >>> shift) | (high << (32 - shift)), count);
  }
}

function trailingZeros(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
