const FIRST_CAPACITY_BYTES = 64 * 1024;
const encoder = new TextEncoder();

/** A growing little-endian byte buffer. `reset` keeps the memory for the next use, `release` gives it away. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(buffer: ArrayBuffer = new ArrayBuffer(FIRST_CAPACITY_BYTES)) {
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#view.setUint8(this.#length, value);
    this.#length += 1;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** An unsigned integer up to 2^53 in groups of seven bits, low group first. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.u8(rest);
  }

  /** UTF-8 with its length in bytes as a varint before it. */
  text(value: string): void {
    const bytes = encoder.encode(value);
    this.varint(bytes.length);
    this.bytes(bytes);
  }

  bytes(source: Uint8Array): void {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
  }

  /** The memory of a typed array as it is; every platform Node runs on is little-endian. */
  memory(source: Float64Array | Uint32Array): void {
    this.bytes(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  }

  /** Overwrites four bytes written before. */
  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** What was written, sharing memory with this writer. */
  written(from = 0): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(from, this.#length);
  }

  /** Leaves room to be filled later. */
  skip(count: number): void {
    this.#reserve(count);
    this.#length += count;
  }

  reset(): void {
    this.#length = 0;
  }

  /** Gives the memory away; this writer is not to be used again. */
  release(): { readonly buffer: ArrayBuffer; readonly length: number } {
    return { buffer: this.#bytes.buffer, length: this.#length };
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new ArrayBuffer(Math.max(needed, this.#bytes.length * 2));
    const bytes = new Uint8Array(grown);
    bytes.set(this.written());
    this.#bytes = bytes;
    this.#view = new DataView(grown);
  }
}
