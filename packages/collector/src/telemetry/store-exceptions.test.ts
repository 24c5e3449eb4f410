import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { STORE_EXCEPTIONS, type StoreException } from './store-conformance.ts';
import { EXCEPTIONS } from './testing/exceptions.ts';

const TABLE = path.resolve(import.meta.dirname, '../../../../docs/storage/engines.md');

function cells(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The cells of the first table whose second column is "embedded" and third "QuestDB", by row and column. */
async function readTable(): Promise<Map<string, Map<string, string>>> {
  const lines = (await readFile(TABLE, 'utf8')).split('\n');
  const head = lines.findIndex((line) => line.startsWith('| | embedded | QuestDB '));
  const [, ...columns] = cells(lines[head] ?? '');
  const rows = new Map<string, Map<string, string>>();
  for (let at = head + 2; lines[at]?.startsWith('|'); at++) {
    const [name = '', ...values] = cells(lines[at] ?? '');
    rows.set(name, new Map(columns.map((column, i) => [column, values[i] ?? ''])));
  }
  return rows;
}

it('the table of engines says what the suite checks', async () => {
  const written = [...(await readTable())].map(([row, columns]) => [
    row,
    Object.fromEntries(
      [...columns].map(([engine, cell]) => [engine, cell === 'yes' ? 'yes' : cell.slice(0, 2)]),
    ),
  ]);
  const checked = (Object.keys(STORE_EXCEPTIONS) as StoreException[]).map((exception) => [
    STORE_EXCEPTIONS[exception],
    Object.fromEntries(
      Object.entries<readonly StoreException[]>(EXCEPTIONS).map(([engine, exceptions]) => [
        engine,
        exceptions.includes(exception) ? 'no' : 'yes',
      ]),
    ),
  ]);
  expect(written).toEqual(checked);
});
