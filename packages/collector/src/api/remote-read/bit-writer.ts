const doubles = new DataView(new ArrayBuffer(8));

/** Widths of varbit integers; one is told by as many ones as there are before it. */
const VARBIT_WIDTHS = [0, 3, 6, 9, 12, 18, 25, 56, 64] as const;

/** Writes bits, the highest first, into a buffer that grows. */
export class BitWriter {
  #bytes: Uint8Array;
  #bits = 0;

  constructor(capacityBytes: number) {
    this.#bytes = new Uint8Array(capacityBytes);
  }

  /** What was written, the last byte filled up with zeros. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, Math.ceil(this.#bits / 8));
  }

  /** The low `count` bits of a number, 32 at most. */
  write(value: number, count: number): void {
    let left = count;
    while (left > 0) {
      const at = this.#bits >>> 3;
      if (at === this.#bytes.length) this.#grow();
      const free = 8 - (this.#bits & 7);
      const taken = Math.min(free, left);
      const part = (value >>> (left - taken)) & ((1 << taken) - 1);
      this.#bytes[at] = (this.#bytes[at] ?? 0) | (part << (free - taken));
      this.#bits += taken;
      left -= taken;
    }
  }

  /** The low `count` bits of a number of 64 bits in two halves. */
  write64(high: number, low: number, count: number): void {
    if (count > 32) this.write(high, count - 32);
    this.write(low, Math.min(count, 32));
  }

  /** A base 128 varint. */
  uvarint(value: bigint): void {
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) this.write(Number(rest & 0x7fn) | 0x80, 8);
    this.write(Number(rest), 8);
  }

  /** A base 128 varint of an integer that may be negative. */
  varint(value: number): void {
    const signed = BigInt(value);
    this.uvarint(signed < 0n ? -2n * signed - 1n : 2n * signed);
  }

  /** The low `width` bits of two's complement. */
  signed(value: number, width: number): void {
    if (width <= 32) this.write(value, width);
    else {
      const high = Math.floor(value / 2 ** 32);
      this.write64(high, value - high * 2 ** 32, width);
    }
  }

  /** An integer in as few bits as one of nine widths allows, of which half are for positive numbers. */
  varbit(value: number): void {
    this.#varbit(value, (width) => value > -(2 ** (width - 1)) && value <= 2 ** (width - 1));
  }

  unsignedVarbit(value: number): void {
    this.#varbit(value, (width) => value < 2 ** width);
  }

  /** All bits of a double. */
  double(value: number): void {
    doubles.setFloat64(0, value);
    this.write64(doubles.getUint32(0), doubles.getUint32(4), 64);
  }

  #varbit(value: number, fits: (width: number) => boolean): void {
    const found = value === 0 ? 0 : VARBIT_WIDTHS.findIndex((width) => width > 0 && fits(width));
    const ones = found < 0 ? VARBIT_WIDTHS.length - 1 : found;
    const last = ones === VARBIT_WIDTHS.length - 1;
    // Nothing can follow after all ones, so that no zero ends them.
    this.write(2 ** (ones + 1) - 2, last ? 0 : ones + 1);
    if (last) this.write(0xff, ones);
    const width = VARBIT_WIDTHS[ones] ?? 0;
    if (width > 0) this.signed(value, width);
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
