import { ProtoError, ProtoReader } from '../../api/remote-write/proto-reader.ts';

const VALUE_TAG = 1 * 8 + 1;
const TIME_TAG = 2 * 8;
const FIRST_CAPACITY = 256;

/** Bytes of a varint that is a negative number. */
const NEGATIVE_BYTES = 10;

/** Gathers messages of value (1) and time (2) as columns. Values are copied as bytes, so that NaNs keep their bits. */
export class SampleDecoder {
  #timestamps = new Float64Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  #valueBytes = new Uint8Array(this.#values.buffer);
  #count = 0;

  /** @throws ProtoError for what is no sample. */
  add(sample: Uint8Array): void {
    if (this.#count === this.#timestamps.length) this.#grow();
    const end = sample.length;
    let at = 0;
    while (at < end) {
      const tag = sample[at++];
      if (tag === VALUE_TAG && at + 8 <= end) {
        const to = this.#count * 8;
        for (let i = 0; i < 8; i++) this.#valueBytes[to + i] = sample[at + i] ?? 0;
        at += 8;
      } else if (tag === TIME_TAG) at = this.#readTime(sample, at);
      else throw new ProtoError('a sample has a value and a time only');
    }
    this.#count++;
  }

  columns(): { readonly timestamps: Float64Array; readonly values: Float64Array } {
    return {
      timestamps: this.#timestamps.subarray(0, this.#count),
      values: this.#values.subarray(0, this.#count),
    };
  }

  #readTime(sample: Uint8Array, start: number): number {
    let at = start;
    let time = 0;
    let scale = 1;
    for (;;) {
      const byte = sample[at++];
      if (byte === undefined) throw new ProtoError('a sample ends within its time');
      time += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 0x80;
    }
    if (at - start === NEGATIVE_BYTES) time = new ProtoReader(sample, start).int64();
    this.#timestamps[this.#count] = time;
    return at;
  }

  #grow(): void {
    const timestamps = new Float64Array(this.#timestamps.length * 4);
    const values = new Float64Array(timestamps.length);
    timestamps.set(this.#timestamps);
    values.set(this.#values);
    this.#timestamps = timestamps;
    this.#values = values;
    this.#valueBytes = new Uint8Array(values.buffer);
  }
}
