const VALUE_TAG = 1 * 8 + 1;
const TIME_TAG = 2 * 8;

/** Reads a message of value (1) and time (2) into row `at`; the value's bytes are copied, so that NaNs keep their bits. */
export function decodeSample(
  sample: Uint8Array,
  timestamps: Float64Array<ArrayBuffer>,
  values: Float64Array<ArrayBuffer>,
  at: number,
): void {
  for (let from = 0; from < sample.length;) {
    const tag = sample[from++];
    if (tag === VALUE_TAG && from + 8 <= sample.length) {
      new Uint8Array(values.buffer, at * 8, 8).set(sample.subarray(from, from + 8));
      from += 8;
    } else if (tag === TIME_TAG) {
      let time = 0;
      let scale = 1;
      let byte = 0x80;
      while (byte >= 0x80) {
        if (from >= sample.length) throw new RangeError('a sample ends within its time');
        byte = sample[from++] ?? 0;
        time += (byte & 0x7f) * scale;
        scale *= 0x80;
      }
      timestamps[at] = time;
    } else throw new RangeError('a sample has a value and a time only');
  }
}
