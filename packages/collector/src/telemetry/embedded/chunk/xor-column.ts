/**
 * Doubles of full entropy, each as the bits that differ from its predecessor's, after Gorilla (Pelkonen et al., VLDB
 * 2015): a 0 for no difference; 10 and the differing bits within the last window; 11, 6 bits of leading zeros, 6 bits
 * of length less one, and the bits. The first value is preceded by 0.
 */
export function encodeXor(values: Float64Array, count: number): Uint8Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, count * 2);
  const sink = new BitSink(count * 10 + 16);
  let previousLow = 0;
  let previousHigh = 0;
  let leading = 64;
  let length = 0;
  for (let i = 0; i < count; i++) {
    const low = bits[i * 2] ?? 0;
    const high = bits[i * 2 + 1] ?? 0;
    const differentLow = (low ^ previousLow) >>> 0;
    const differentHigh = (high ^ previousHigh) >>> 0;
    previousLow = low;
    previousHigh = high;
    if (differentLow === 0 && differentHigh === 0) {
      sink.put(0, 1);
      continue;
    }
    const zerosBefore = differentHigh === 0 ? 32 + Math.clz32(differentLow) : Math.clz32(differentHigh);
    const zerosBehind = differentLow === 0 ? 32 + trailingZeros(differentHigh) : trailingZeros(differentLow);
    const needed = 64 - zerosBefore - zerosBehind;
    if (zerosBefore >= leading && zerosBehind >= 64 - leading - length && length - needed < 12) {
      sink.put(0b10, 2);
    } else {
      leading = zerosBefore;
      length = needed;
      sink.put(0b11, 2);
      sink.put(leading, 6);
      sink.put(length - 1, 6);
    }
    sink.putRange(differentHigh, differentLow, leading, length);
  }
  return sink.finish();
}

/** Decodes `count` doubles into `out` from `outAt`, bit for bit. */
export function decodeXor(bytes: Uint8Array, count: number, out: Float64Array, outAt: number): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset + outAt * 8, count * 2);
  const source = new BitSource(bytes);
  let low = 0;
  let high = 0;
  let leading = 0;
  let length = 0;
  for (let i = 0; i < count; i++) {
    if (source.take(1) === 1) {
      if (source.take(1) === 1) {
        leading = source.take(6);
        length = source.take(6) + 1;
      }
      const behind = 64 - leading - length;
      // Bits of the window that lie in the high and in the low half.
      const highBits = Math.max(0, Math.min(32, leading + length) - leading);
      if (highBits > 0) high ^= shiftLeft(source.take(highBits), Math.max(0, behind - 32));
      const lowBits = length - highBits;
      if (lowBits > 0) low ^= shiftLeft(source.take(lowBits), behind);
    }
    bits[i * 2] = low;
    bits[i * 2 + 1] = high;
  }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function shiftLeft(value: number, by: number): number {
  return by >= 32 ? 0 : value << by;
}

class BitSink {
  readonly #bytes: Uint8Array;
  #bit = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** The low `length` bits, at most 32, high bit first. */
  put(code: number, length: number): void {
    for (let left = length; left > 0;) {
      const at = this.#bit >>> 3;
      const room = 8 - (this.#bit & 7);
      const take = Math.min(room, left);
      const part = (code >>> (left - take)) & ((1 << take) - 1);
      this.#bytes[at] = (this.#bytes[at] ?? 0) | (part << (room - take));
      this.#bit += take;
      left -= take;
    }
  }

  /** `length` bits of a 64-bit word from behind its first `leading` bits. */
  putRange(high: number, low: number, leading: number, length: number): void {
    const behind = 64 - leading - length;
    const highBits = Math.max(0, Math.min(32, leading + length) - leading);
    if (highBits > 0) this.put(high >>> Math.max(0, behind - 32), highBits);
    const lowBits = length - highBits;
    if (lowBits > 0) this.put(low >>> behind, lowBits);
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, (this.#bit + 7) >>> 3);
  }
}

class BitSource {
  readonly #bytes: Uint8Array;
  #bit = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(length: number): number {
    let value = 0;
    for (let left = length; left > 0;) {
      const room = 8 - (this.#bit & 7);
      const take = Math.min(room, left);
      const byte = this.#bytes[this.#bit >>> 3] ?? 0;
      value = (value << take) | ((byte >>> (room - take)) & ((1 << take) - 1));
      this.#bit += take;
      left -= take;
    }
    return value >>> 0;
  }
}
