const INITIAL_BYTES = 1024;
const MAX_DOUBLE_VARINT = 2 ** 31;

/** Writes the protocol buffers wire format into a buffer that grows. */
export class ProtoWriter {
  #bytes: Uint8Array;
  #at = 0;

  constructor(initialBytes = INITIAL_BYTES) {
    this.#bytes = new Uint8Array(initialBytes);
  }

  /** What was written, as a view. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** An integer; negative ones as 64 bits of two's complement. */
  varint(value: number): this {
    this.#reserve(10);
    if (value >= 0 && value < MAX_DOUBLE_VARINT) {
      let rest = value;
      for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      this.#bytes[this.#at++] = rest;
      return this;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest >= 0x80n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#at++] = Number(rest);
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** A length-delimited field: a string or a message. */
  field(number: number, content: Uint8Array): this {
    return this.varint(number * 8 + 2)
      .varint(content.length)
      .raw(content);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + bytes));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
