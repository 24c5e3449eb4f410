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

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
