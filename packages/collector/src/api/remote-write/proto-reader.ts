/** Why a message is refused. */
export class ProtoError extends Error {
  override readonly name = 'ProtoError';
}

/** Wire types of the protocol buffers encoding. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const TWO_63 = 2n ** 63n;
const TWO_64 = 2n ** 64n;

/**
 * Reads the protocol buffers wire format from a window of bytes. Every read is checked against the window's end; what
 * does not fit throws a ProtoError.
 */
export class ProtoReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** The next field's number and wire type. */
  tag(): { field: number; wire: number } {
    const tag = this.#varint32();
    const field = tag >>> 3;
    if (field === 0) throw new ProtoError('proto: illegal tag 0');
    return { field, wire: tag & 7 };
  }

  /** A nested message as a reader of its own. */
  message(): ProtoReader {
    const { start, end } = this.#window();
    return new ProtoReader(this.#bytes, start, end);
  }

  /** A field of bytes, as a view. */
  bytes(): Uint8Array {
    const { start, end } = this.#window();
    return this.#bytes.subarray(start, end);
  }

  string(): string {
    const bytes = this.bytes();
    try {
      return UTF8.decode(bytes);
    } catch (error) {
      throw new ProtoError('proto: a string is not valid UTF-8', { cause: error });
    }
  }

  double(): number {
    this.#need(8);
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** An int64; throws where JavaScript's numbers could not hold it exactly. */
  int64(): number {
    const value = this.#varint();
    const signed = value >= TWO_63 ? value - TWO_64 : value;
    const number = Number(signed);
    if (!Number.isSafeInteger(number)) throw new ProtoError('proto: an integer is out of range');
    return number;
  }

  /** A sint64, as `int64`. */
  sint64(): number {
    const code = this.#varint();
    const number = Number(code & 1n ? -(code >> 1n) - 1n : code >> 1n);
    if (!Number.isSafeInteger(number)) throw new ProtoError('proto: an integer is out of range');
    return number;
  }

  /** A uint32. */
  uint32(): number {
    return this.#varint32();
  }

  /** Passes over a field of a type or number that is not wanted. */
  skip(wire: number): void {
    switch (wire) {
      case WIRE.varint:
        this.#varint();
        return;
      case WIRE.fixed64:
        this.#need(8);
        this.#at += 8;
        return;
      case WIRE.bytes:
        this.#window();
        return;
      case WIRE.fixed32:
        this.#need(4);
        this.#at += 4;
        return;
      default:
        throw new ProtoError(`proto: wire type ${wire} is not supported`);
    }
  }

  #window(): { start: number; end: number } {
    const length = this.#varint32();
    this.#need(length);
    const start = this.#at;
    this.#at += length;
    return { start, end: start + length };
  }

  #need(bytes: number): void {
    if (this.#at + bytes > this.#end) throw new ProtoError('proto: unexpected EOF');
  }

  #byte(): number {
    this.#need(1);
    return this.#bytes[this.#at++] ?? 0;
  }

  /** Lengths and tags: more than 32 bits is an error. */
  #varint32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new ProtoError('proto: integer overflow');
  }

  #varint(): bigint {
    let low = 0;
    // Timestamps have at most 49 bits until the year 10000: exact in a double, without a BigInt for each byte.
    for (let index = 0; index < 7; index++) {
      const byte = this.#byte();
      low += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value >= TWO_64) break;
        return value;
      }
    }
    throw new ProtoError('proto: integer overflow');
  }
}
