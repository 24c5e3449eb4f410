import { ProtoError } from '../api/remote-write/proto-reader.ts';

/** How many bits a delta of deltas has, by the ones that tell its form. */
const DELTA_BITS = [0, 14, 17, 20, 64] as const;

/** A chunk's samples. */
export interface ChunkSamples {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/**
 * Decodes Prometheus' XOR chunk: the number of samples, then times as deltas of deltas and values as XOR with the one
 * before, after Facebook's Gorilla paper. Values keep all their bits. Throws ProtoError where the chunk ends early.
 */
export function decodeXorChunk(bytes: Uint8Array): ChunkSamples {
  const reader = new BitReader(bytes);
  const count = reader.bits(16);
  const timestamps = new Float64Array(count);
  const values = new ValueColumn(reader, count);
  let delta = 0;
  let time = 0;
  for (let i = 0; i < count; i++) {
    if (i === 0) time = reader.varint();
    else {
      delta = i === 1 ? reader.uvarint() : delta + readDelta(reader);
      time += delta;
    }
    timestamps[i] = time;
    if (i === 0) values.first();
    else values.next(i);
  }
  return { timestamps, values: values.column };
}

function readDelta(reader: BitReader): number {
  let ones = 0;
  while (ones < 4 && reader.bits(1) === 1) ones++;
  const width = DELTA_BITS[ones] ?? 0;
  if (width === 0) return 0;
  if (width === 64) {
    const high = reader.bits(32) | 0;
    return high * 2 ** 32 + reader.bits(32);
  }
  const raw = reader.bits(width);
  const half = 2 ** (width - 1);
  // Half itself is positive.
  return raw > half ? raw - 2 * half : raw;
}

/** The values of one chunk, written as bits. */
class ValueColumn {
  readonly column: Float64Array;
  readonly #words: Uint32Array;
  readonly #reader: BitReader;
  #high = 0;
  #low = 0;
  #leading = 0;
  #trailing = 0;

  constructor(reader: BitReader, count: number) {
    this.#reader = reader;
    this.column = new Float64Array(count);
    this.#words = new Uint32Array(this.column.buffer);
  }

  first(): void {
    this.#high = this.#reader.bits(32);
    this.#low = this.#reader.bits(32);
    this.#put(0);
  }

  next(index: number): void {
    const reader = this.#reader;
    if (reader.bits(1) === 1) {
      if (reader.bits(1) === 1) {
        this.#leading = reader.bits(5);
        // 64 is written as 0.
        const length = reader.bits(6) || 64;
        this.#trailing = 64 - this.#leading - length;
        if (this.#trailing < 0) throw new ProtoError('an XOR chunk has a value of more than 64 bits');
      }
      this.#apply(64 - this.#leading - this.#trailing, this.#trailing);
    }
    this.#put(index);
  }

  /** Reads `length` bits and applies them, shifted left by `shift`. */
  #apply(length: number, shift: number): void {
    let high = length > 32 ? this.#reader.bits(length - 32) : 0;
    let low = this.#reader.bits(Math.min(length, 32));
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

  #put(index: number): void {
    this.#words[index * 2] = this.#low;
    this.#words[index * 2 + 1] = this.#high;
  }
}

/** Reads bits from the most significant of each byte on. */
class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** At most 32, as an unsigned number. */
  bits(count: number): number {
    if (this.#at + count > this.#bytes.length * 8) throw new ProtoError('an XOR chunk ends early');
    let value = 0;
    let left = count;
    while (left > 0) {
      const available = 8 - (this.#at & 7);
      const take = Math.min(available, left);
      const byte = this.#bytes[this.#at >> 3] ?? 0;
      value = (value << take) | ((byte >> (available - take)) & ((1 << take) - 1));
      this.#at += take;
      left -= take;
    }
    return value >>> 0;
  }

  uvarint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 63; scale *= 128) {
      const byte = this.bits(8);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new ProtoError('an XOR chunk has an integer of more than 64 bits');
  }

  varint(): number {
    const folded = this.uvarint();
    return folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2;
  }
}
