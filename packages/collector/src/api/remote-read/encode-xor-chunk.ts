import { isStaleMarker, writeStaleMarker } from '@plimsoll/proto';
import { BitWriter } from './bit-writer.ts';

/** Samples of one chunk: what Prometheus puts into one. */
export const SAMPLES_PER_CHUNK = 120;

/** Forms of a delta of deltas: how many bits tell the form, which, and how many bits the delta then has. */
const DELTA_FORMS = [
  { prefix: 0b10, prefixBits: 2, bits: 14 },
  { prefix: 0b110, prefixBits: 3, bits: 17 },
  { prefix: 0b1110, prefixBits: 4, bits: 20 },
] as const;

/** Room for a chunk of usual samples; others let it grow. */
const USUAL_BYTES = 256;

/**
 * Encodes samples `from` to `to` (exclusive, at most 65,535) as Prometheus' XOR chunk: the number of samples, then
 * times as deltas of deltas and values as XOR with the one before, after Facebook's Gorilla paper.
 */
export function encodeXorChunk(
  timestampsMs: Float64Array,
  values: Float64Array,
  from: number,
  to: number,
): Uint8Array {
  const writer = new BitWriter(USUAL_BYTES);
  writer.write(to - from, 16);
  const column = new ValueColumn(writer);
  let before = 0;
  let deltaBefore = 0;
  for (let at = from; at < to; at++) {
    const time = timestampsMs[at] ?? 0;
    const value = values[at] ?? Number.NaN;
    if (at === from) {
      const signed = BigInt(time);
      writer.uvarint(signed < 0n ? -2n * signed - 1n : 2n * signed);
      column.first(value);
    } else {
      const delta = time - before;
      if (at === from + 1) writer.uvarint(BigInt(delta));
      else writeDelta(writer, delta - deltaBefore);
      column.next(value);
      deltaBefore = delta;
    }
    before = time;
  }
  return writer.finish();
}

function writeDelta(writer: BitWriter, delta: number): void {
  if (delta === 0) {
    writer.write(0, 1);
    return;
  }
  for (const { prefix, prefixBits, bits } of DELTA_FORMS) {
    const half = 2 ** (bits - 1);
    if (delta < 1 - half || delta > half) continue;
    writer.write(prefix, prefixBits);
    writer.write(delta, bits);
    return;
  }
  writer.write(0b1111, 4);
  writer.write64(Math.floor(delta / 2 ** 32), delta % 2 ** 32, 64);
}

/** The values of one chunk. */
class ValueColumn {
  readonly #writer: BitWriter;
  readonly #value = new Float64Array(1);
  readonly #halves = new DataView(this.#value.buffer);
  #high = 0;
  #low = 0;
  /** The window of bits the last value was written in; none before the first. */
  #leading = -1;
  #trailing = 0;

  constructor(writer: BitWriter) {
    this.#writer = writer;
  }

  first(value: number): void {
    this.#read(value);
    this.#writer.write64(this.#high, this.#low, 64);
  }

  next(value: number): void {
    const highBefore = this.#high;
    const lowBefore = this.#low;
    this.#read(value);
    const high = (this.#high ^ highBefore) >>> 0;
    const low = (this.#low ^ lowBefore) >>> 0;
    if (high === 0 && low === 0) {
      this.#writer.write(0, 1);
      return;
    }
    // Five bits tell the leading zeros.
    const leading = Math.min(high === 0 ? 32 + Math.clz32(low) : Math.clz32(high), 31);
    const trailing = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low);
    if (this.#leading >= 0 && leading >= this.#leading && trailing >= this.#trailing) {
      this.#writer.write(0b10, 2);
    } else {
      this.#leading = leading;
      this.#trailing = trailing;
      this.#writer.write(0b11, 2);
      this.#writer.write(leading, 5);
      // Six bits tell the length; 64 is written as 0.
      this.#writer.write(64 - leading - trailing, 6);
    }
    this.#writeWindow(high, low);
  }

  #writeWindow(high: number, low: number): void {
    const shift = this.#trailing;
    const count = 64 - this.#leading - shift;
    if (shift >= 32) this.#writer.write64(0, high >>> (shift - 32), count);
    else if (shift === 0) this.#writer.write64(high, low, count);
    else this.#writer.write64(high >>> shift, (low >>> shift) | (high << (32 - shift)), count);
  }

  /** A stale marker is known by all of its bits, which a plain copy may change. */
  #read(value: number): void {
    if (isStaleMarker(value)) writeStaleMarker(this.#value, 0);
    else this.#value[0] = value;
    this.#high = this.#halves.getUint32(4, true);
    this.#low = this.#halves.getUint32(0, true);
  }
}

function trailingZeros(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
