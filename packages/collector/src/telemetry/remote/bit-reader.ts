import { ProtoError } from '../../api/remote-write/proto-reader.ts';

/** How many bits a varbit integer has, by the ones that tell its form. */
const VARBIT_WIDTHS = [0, 3, 6, 9, 12, 18, 25, 56, 64] as const;

/** Reads bits from the most significant of each byte on. Throws ProtoError where there are no more. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, fromByte = 0) {
    this.#bytes = bytes;
    this.#end = bytes.length * 8;
    this.#at = fromByte * 8;
  }

  bit(): number {
    const at = this.#at++;
    if (at >= this.#end) throw endsEarly();
    return ((this.#bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
  }

  /** How many ones come before the next zero, which is read too; `most` at most, and then no zero follows. */
  ones(most: number): number {
    let ones = 0;
    while (ones < most && this.bit() === 1) ones++;
    return ones;
  }

  /** At most 32, as an unsigned number. */
  bits(count: number): number {
    if (this.#at + count > this.#end) throw endsEarly();
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

  /** Two's complement. Beyond 53 bits the nearest number that there is. */
  signed(width: number): number {
    const raw = this.unsigned(width);
    return raw >= 2 ** (width - 1) ? this.#negative(raw, width) : raw;
  }

  unsigned(width: number): number {
    if (width <= 32) return this.bits(width);
    const high = this.bits(width - 32);
    this.#low = this.bits(32);
    this.#high = high;
    return high * 2 ** 32 + this.#low;
  }

  /** A base 128 varint. */
  uvarint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 63; scale *= 128) {
      const byte = this.bits(8);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new ProtoError('a chunk has an integer of more than 64 bits');
  }

  varint(): number {
    const folded = this.uvarint();
    return folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2;
  }

  /** An integer whose first bits tell how many it has; half of what these can tell is positive. */
  varbit(): number {
    const width = VARBIT_WIDTHS[this.ones(8)] ?? 0;
    if (width === 0) return 0;
    const raw = this.unsigned(width);
    return raw > 2 ** (width - 1) || (width === 64 && raw === 2 ** 63) ? this.#negative(raw, width) : raw;
  }

  unsignedVarbit(): number {
    return this.unsigned(VARBIT_WIDTHS[this.ones(8)] ?? 0);
  }

  #high = 0;
  #low = 0;

  /** The halves are put together after the sign is known: a small negative number is a large one before. */
  #negative(raw: number, width: number): number {
    return width <= 32 ? raw - 2 ** width : (this.#high - 2 ** (width - 32)) * 2 ** 32 + this.#low;
  }
}

function endsEarly(): ProtoError {
  return new ProtoError('a chunk ends early');
}
