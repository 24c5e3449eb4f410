/** https://www.sqlite.org/fileformat2.html#b_tree_pages */
const LEAF_OF_TABLE = 0x0d;
const CELLS_OFFSET = 3;
const POINTERS_OFFSET = 8;

/** The keys of the rows on a leaf page of a table, as far as its bytes make sense; in the order of its cells. */
export function leafKeys(page: Uint8Array): number[] {
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  if (view.getUint8(0) !== LEAF_OF_TABLE) return [];
  const cells = Math.min(view.getUint16(CELLS_OFFSET), (page.length - POINTERS_OFFSET) / 2);
  const keys: number[] = [];
  for (let i = 0; i < cells; i++) {
    const cell = view.getUint16(POINTERS_OFFSET + i * 2);
    const [, behindSize] = varint(page, cell);
    const [key] = varint(page, behindSize);
    keys.push(key);
  }
  return keys;
}

/** SQLite's variable-length integers: high groups of seven bits first, all eight bits of a ninth byte. */
function varint(bytes: Uint8Array, start: number): readonly [value: number, end: number] {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[start + i] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, start + i + 1];
  }
  return [value * 256 + (bytes[start + 8] ?? 0), start + 9];
}
