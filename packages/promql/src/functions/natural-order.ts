/** Splits into runs of digits and of everything else. */
const CHUNKS = /\d+|\D+/g;

/** Orders texts so that numbers inside them count as numbers: `host2` comes before `host10`. */
export function compareNatural(a: string, b: string): number {
  if (a === b) return 0;
  const inA = a.match(CHUNKS) ?? [];
  const inB = b.match(CHUNKS) ?? [];
  for (const [index, chunk] of inA.entries()) {
    const other = inB[index];
    if (other === undefined) return 1;
    const order = compareChunks(chunk, other);
    if (order !== 0) return order;
  }
  return inA.length < inB.length ? -1 : a < b ? -1 : 1;
}

function compareChunks(a: string, b: string): number {
  if (a === b) return 0;
  const numbers = isDigits(a) && isDigits(b);
  if (numbers) {
    const difference = Number(a) - Number(b);
    if (difference !== 0) return difference;
    // Equal numbers: fewer leading zeros come later, as `strings` of digits compare.
    return a.length - b.length;
  }
  return a < b ? -1 : 1;
}

function isDigits(chunk: string): boolean {
  return chunk >= '0' && chunk < ':';
}
