import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canBeColumns, fromColumnName, toColumnName } from './names.ts';

/** Any that may be in a text: no halves of surrogate pairs. */
const character = fc
  .integer({ min: 0, max: 0x10_f7ff })
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

describe('column names', () => {
  it('lead back to what they were made from', () => {
    fc.assert(
      fc.property(fc.string({ unit: character }), (name) => {
        const column = toColumnName(name);
        expect(column).toMatch(/^[\w#]*$/);
        expect(fromColumnName(column)).toBe(name);
      }),
    );
  });

  it('leave usual names as they are', () => {
    expect(toColumnName('node_memory_MemFree_bytes')).toBe('node_memory_MemFree_bytes');
    expect(toColumnName('job:rate5m')).toBe('job#3arate5m');
    expect(toColumnName('é#')).toBe('#c3#a9#23');
  });

  it('cannot stand side by side when the server takes them for one', () => {
    expect(canBeColumns(['a', 'b', 'ab'])).toBe(true);
    expect(canBeColumns([])).toBe(true);
    expect(canBeColumns(['a', 'A'])).toBe(false);
    expect(canBeColumns(['TS'])).toBe(false);
    expect(canBeColumns(['x'.repeat(127)])).toBe(true);
    expect(canBeColumns(['x'.repeat(128)])).toBe(false);
    expect(canBeColumns(['é'.repeat(22)])).toBe(false);
    expect(canBeColumns(['\ud800'])).toBe(false);
  });
});
