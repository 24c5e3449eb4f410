import { decodeColumn } from '../chunk/column-codec.ts';

let scratch = new Float64Array(1024);

/** Decodes rows [from, to) of a column of `rows` rows into `out` from `at`. */
export function readPart(
  column: Uint8Array,
  rows: number,
  from: number,
  to: number,
  out: Float64Array,
  at: number,
): void {
  if (from === 0 && to === rows) {
    decodeColumn(column, rows, out, at);
    return;
  }
  if (scratch.length < rows) scratch = new Float64Array(rows);
  decodeColumn(column, rows, scratch, 0);
  out.set(scratch.subarray(from, to), at);
}
