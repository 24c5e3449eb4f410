import type { SampleColumns } from '../sample-columns.ts';

/** Tag, length, tag, eight bytes, and two tags and times of at most ten bytes. */
const MAX_SAMPLE_BYTES = 33;

/** Tags of a series' samples (2, a message), and of their value (1, eight bytes), time and start (2 and 3, varints). */
const SAMPLE_TAG = 2 * 8 + 2;
const VALUE_TAG = 1 * 8 + 1;
const TIME_TAG = 2 * 8;
const START_TAG = 3 * 8;

/** Writes samples as both versions of remote write have them: a field numbered 2 for each, of value and time. */
export class SampleEncoder {
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** The last time as a varint: rows that follow each other often share it. */
  readonly #time = new Uint8Array(10);
  #timeMs = Number.NaN;
  #timeBytes = 0;

  /** The fields of these rows, with start timestamps where the batch has them; good until the next call. */
  encode({ timestampsMs, values, startTimestampsMs }: SampleColumns, rows: Uint32Array): Uint8Array {
    this.#reserve(rows.length * MAX_SAMPLE_BYTES);
    const bytes = this.#bytes;
    let at = 0;
    for (const row of rows) {
      this.#setTime(timestampsMs[row] ?? 0);
      const lengthAt = at + 1;
      bytes[at] = SAMPLE_TAG;
      bytes[lengthAt] = 10 + this.#timeBytes;
      bytes[at + 2] = VALUE_TAG;
      const value = values[row] ?? 0;
      if (value === value) this.#view.setFloat64(at + 3, value, true);
      else bytes.set(bitsOf(values, row), at + 3);
      bytes[at + 11] = TIME_TAG;
      at += 12;
      for (let i = 0; i < this.#timeBytes; i++) bytes[at++] = this.#time[i] ?? 0;
      const startMs = startTimestampsMs?.[row] ?? 0;
      if (startMs === 0) continue;
      bytes[at] = START_TAG;
      at = putVarint(bytes, at + 1, startMs);
      bytes[lengthAt] = at - lengthAt - 1;
    }
    return bytes.subarray(0, at);
  }

  #setTime(timestampMs: number): void {
    if (timestampMs === this.#timeMs) return;
    this.#timeMs = timestampMs;
    this.#timeBytes = putVarint(this.#time, 0, timestampMs);
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

/** Writes an integer of at most 64 bits, a negative one as two's complement; answers where the next byte goes. */
function putVarint(out: Uint8Array, from: number, value: number): number {
  let at = from;
  if (value < 0) {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest >= 0x80n; rest >>= 7n) out[at++] = Number(rest & 0x7fn) | 0x80;
    out[at++] = Number(rest);
    return at;
  }
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out[at++] = (rest % 0x80) | 0x80;
  out[at++] = rest;
  return at;
}

/** A stale marker's bits must not pass through arithmetic. */
function bitsOf(values: Float64Array, row: number): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset + row * 8, 8);
}
