const decoder = new TextDecoder();

/** Reads what ByteWriter wrote; throws RangeError beyond the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get position(): number {
    return this.#at;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  u8(): number {
    const value = this.#view.getUint8(this.#at);
    this.#at += 1;
    return value;
  }

  u32(): number {
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  f64(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  text(): string {
    return decoder.decode(this.bytes(this.varint()));
  }

  /** A view of the next bytes, not a copy. */
  bytes(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw new RangeError('record ends early');
    const view = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return view;
  }

  float64s(count: number): Float64Array<ArrayBuffer> {
    const copy = new Float64Array(count);
    new Uint8Array(copy.buffer).set(this.bytes(count * 8));
    return copy;
  }

  uint32s(count: number): Uint32Array<ArrayBuffer> {
    const copy = new Uint32Array(count);
    new Uint8Array(copy.buffer).set(this.bytes(count * 4));
    return copy;
  }
}
