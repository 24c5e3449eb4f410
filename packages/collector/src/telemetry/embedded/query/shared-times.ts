import { decodeColumn } from '../chunk/column-codec.ts';
import type { PaddedBytes } from '../chunk/padded-bytes.ts';

/** Decodes columns of times so that equal ones become one array: those of series that were written together. */
export class SharedTimes {
  readonly #known = new Map<string, Float64Array>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  read(source: PaddedBytes, start: number, end: number, count: number): Float64Array {
    // Equal code of equally many times is equal times.
    const { buffer, byteOffset } = source.bytes;
    const key = `${count} ${Buffer.from(buffer, byteOffset + start, end - start).toString('latin1')}`;
    let times = this.#known.get(key);
    if (times === undefined) {
      times = new Float64Array(count);
      decodeColumn(source, start, end, count, times, 0);
      this.#known.set(key, times);
      this.#bytes += times.byteLength + key.length * 2;
    }
    return times;
  }
}
