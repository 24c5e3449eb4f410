import { afterEach, beforeEach, expect, it } from 'vitest';
import { ByteWriter } from '../byte-writer.ts';
import { encodeColumn } from '../chunk/column-codec.ts';
import { PADDING_BYTES, padded } from '../chunk/padded-bytes.ts';
import { DecodedColumns } from './decoded-columns.ts';
import { RunList } from './run.ts';
import { SealedColumn } from './sealed-column.ts';

const ROWS = 512;
const TIMES = Float64Array.from({ length: ROWS }, (_, row) => row * 1000);

/** Room for two slabs' worth of columns. */
let decoded: DecodedColumns;
beforeEach(() => (decoded = new DecodedColumns(64 * 1024)));
afterEach(() => decoded[Symbol.dispose]());

const valuesOf = (number: number): Float64Array => Float64Array.from(TIMES, (_, row) => number * 1e6 + row);

function columnOf(number: number): SealedColumn {
  const out = new ByteWriter();
  encodeColumn(out, valuesOf(number), ROWS);
  const end = out.length;
  out.bytes(new Uint8Array(PADDING_BYTES));
  return new SealedColumn(TIMES, null, padded(out.written()), 0, end);
}

it('leaves values alone that are part of an answer, whatever is decoded after them', () => {
  const columns = Array.from({ length: 60 }, (_, number) => columnOf(number));
  const answers: { number: number; values: Float64Array }[] = [];
  for (let round = 0; round < 4; round++) {
    const reading = new RunList(decoded.begin());
    for (const [number, column] of columns.entries()) {
      reading.clear().addSealed(column, 0, ROWS);
      const values = reading.runs[0]?.ready() ?? null;
      if (values !== null) answers.push({ number, values });
    }
  }
  expect(answers.length).toBeGreaterThan(10);
  for (const { number, values } of answers) expect(values).toEqual(valuesOf(number));
});

it("reads the same in memory that was another column's before", () => {
  const columns = Array.from({ length: 60 }, (_, number) => columnOf(number));
  for (let round = 0; round < 4; round++) {
    const list = new RunList(decoded.begin());
    for (const [number, column] of columns.entries()) {
      list.clear().addSealed(column, 0, ROWS);
      const out = new Float64Array(ROWS);
      expect(list.runs[0]?.read(out, 0)).toBe(false);
      expect(out).toEqual(valuesOf(number));
    }
  }
});
