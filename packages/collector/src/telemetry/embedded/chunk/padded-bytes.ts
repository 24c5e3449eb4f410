/** Bytes this far behind any column can be read: bit readers fetch four bytes at a time, from any byte of a column. */
export const PADDING_BYTES = 3;

/** Encoded columns with readable bytes behind them, viewed once for all of them. */
export interface PaddedBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Views memory whose last PADDING_BYTES belong to no column. */
export function padded(bytes: Uint8Array): PaddedBytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** A place within encoded bytes that moves on as it is read; reused, because a decoder must not allocate. */
export class Cursor {
  #bytes: Uint8Array = new Uint8Array();
  at = 0;

  start(bytes: Uint8Array, at: number): this {
    this.#bytes = bytes;
    this.at = at;
    return this;
  }

  u8(): number {
    return this.#bytes[this.at++] ?? 0;
  }

  /** As ByteReader.varint. */
  varint(): number {
    let byte = this.#bytes[this.at++] ?? 0;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    do {
      byte = this.#bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte >= 0x80);
    return value;
  }
}
