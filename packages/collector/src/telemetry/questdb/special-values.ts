/**
 * The server keeps every NaN and both infinities as null. They stand in a column of their own, in words: "+Inf", "-Inf",
 * "stale" for Prometheus' stale marker, and "nan:" with the bits of any other NaN.
 */
const STALE_BITS = '7ff0000000000002';

/** The word for `values[index]`, '' where the server keeps the value as it is. Reads bits: a NaN's do not survive copying. */
export function specialWord(values: Float64Array, index: number): string {
  const value = values[index] ?? Number.NaN;
  if (Number.isFinite(value)) return '';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  const bits = new BigUint64Array(values.buffer, values.byteOffset + index * 8, 1)[0] ?? 0n;
  const hex = bits.toString(16).padStart(16, '0');
  return hex === STALE_BITS ? 'stale' : `nan:${hex}`;
}

/** Writes what a word stands for into `values[index]`, bit for bit. */
export function writeSpecial(word: string, values: Float64Array, index: number): void {
  if (word === '+Inf') values[index] = Infinity;
  else if (word === '-Inf') values[index] = -Infinity;
  else {
    const hex = word === 'stale' ? STALE_BITS : word.slice('nan:'.length);
    new BigUint64Array(values.buffer, values.byteOffset + index * 8, 1)[0] = BigInt(`0x${hex}`);
  }
}
