import type { LongTermBatch } from '../long-term/long-term-engine.ts';

/** Tag, length, tag, eight bytes, tag and a time of at most ten bytes. */
const MAX_SAMPLE_BYTES = 22;

/** Tags of a series' samples (2, a message), and of their value (1, eight bytes) and time (2, a varint). */
const SAMPLE_TAG = 2 * 8 + 2;
const VALUE_TAG = 1 * 8 + 1;
const TIME_TAG = 2 * 8;

/** Writes samples as both versions of remote write have them: a field numbered 2 for each, of value and time. */
export class SampleEncoder {
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** The last time as a varint: rows that follow each other often share it. */
  readonly #time = new Uint8Array(10);
  #timeMs = -1;
  #timeBytes = 0;

  /** The fields of these rows; good until the next call. */
  encode({ timestampsMs, values }: LongTermBatch, rows: Uint32Array): Uint8Array {
    this.#reserve(rows.length * MAX_SAMPLE_BYTES);
    const bytes = this.#bytes;
    let at = 0;
    for (const row of rows) {
      this.#setTime(timestampsMs[row] ?? 0);
      bytes[at] = SAMPLE_TAG;
      bytes[at + 1] = 10 + this.#timeBytes;
      bytes[at + 2] = VALUE_TAG;
      const value = values[row] ?? 0;
      if (value === value) this.#view.setFloat64(at + 3, value, true);
      else bytes.set(bitsOf(values, row), at + 3);
      bytes[at + 11] = TIME_TAG;
      at += 12;
      for (let i = 0; i < this.#timeBytes; i++) bytes[at++] = this.#time[i] ?? 0;
    }
    return bytes.subarray(0, at);
  }

  #setTime(timestampMs: number): void {
    if (timestampMs === this.#timeMs) return;
    let rest = timestampMs;
    let count = 0;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#time[count++] = (rest % 0x80) | 0x80;
    this.#time[count++] = rest;
    this.#timeMs = timestampMs;
    this.#timeBytes = count;
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

/** A stale marker's bits must not pass through arithmetic. */
function bitsOf(values: Float64Array, row: number): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset + row * 8, 8);
}
