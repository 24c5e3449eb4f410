import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTexts, readRows } from './read-rows.ts';

type Row = readonly [whole: number, value: number | null, text: string, other: string | null];

function encode(rows: readonly Row[]): Buffer {
  return Buffer.from(`{"dataset":${JSON.stringify(rows)},"count":${rows.length}}`);
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  await Promise.resolve();
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size = bytes.length): Promise<unknown[]> {
  const rows: unknown[] = [];
  await readRows(inPieces(bytes, size), 1, (whole, doubles, texts) => {
    rows.push([whole, doubles[0], ...decodeTexts(texts)]);
  });
  return rows;
}

/** Any that may be in a text: no halves of surrogate pairs. */
const character = fc
  .integer({ min: 0, max: 0x10_f7ff })
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

describe('readRows', () => {
  it('reads what was written, however it is cut', async () => {
    const text = fc.string({ unit: character, maxLength: 12 });
    const row = fc.tuple(
      fc.maxSafeInteger(),
      fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
        fc.constant(null),
      ),
      fc.oneof(text, fc.constant('"],["\\')),
      fc.oneof(text, fc.constant(null)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 8 }),
        fc.integer({ min: 1, max: 40 }),
        async (rows, size) => {
          const expected = rows.map(([whole, value, ...texts]) => [whole, value ?? Number.NaN, ...texts]);
          expect(await read(encode(rows), size)).toEqual(expected);
        },
      ),
    );
  });

  it('reads numbers as the server writes them', async () => {
    const written = [
      '-0.0',
      '5.0E-324',
      '1.7976931348623157E308',
      '0.30000000000000004',
      '123456789012345.6',
      '100.0',
    ];
    for (const number of written) {
      const [row] = await read(Buffer.from(`{"dataset":[[1,${number},"a"]],"count":1}`));
      expect((row as number[])[1], number).toBe(Number(number));
    }
  });

  it('tells when an answer is cut short or ends in an error', async () => {
    const whole = encode([
      [1, 2, 'a', null],
      [3, 4, 'b', null],
    ]).toString();
    for (let length = 0; length < whole.length - 1; length++) {
      await expect(read(Buffer.from(whole.slice(0, length))), String(length)).rejects.toMatchObject({
        code: 'unavailable',
      });
    }
    await expect(read(Buffer.from(whole.replace('"count":2', '"count":3')))).rejects.toThrow('after 2 rows');
    await expect(
      read(Buffer.from('{"dataset":[[1,2,"a"]],"count":0,"error":"timeout, \\"x\\""}')),
    ).rejects.toThrow('timeout, "x"');
  });
});
