/** The schema of histograms whose bucket bounds are listed (`custom_values`) instead of growing exponentially. */
export const CUSTOM_SCHEMA = -53;

/**
 * The upper bound of an exponential bucket: 2^(index / 2^schema), computed so that powers of two are exact. The bucket
 * that reaches past the largest double ends at it.
 */
export function exponentialBound(index: number, schema: number): number {
  if (schema <= 0) return clampBound(2 ** (index * 2 ** -schema), index * 2 ** -schema);
  const perOctave = 2 ** schema;
  const whole = Math.floor(index / perOctave);
  const part = index - whole * perOctave;
  if (whole >= 1024) return whole === 1024 && part === 0 ? Number.MAX_VALUE : Infinity;
  // Below 2^-1022 a single power of two would underflow before the multiplication.
  return whole < -1022
    ? 2 ** (part / perOctave) * 2 ** -1022 * 2 ** (whole + 1022)
    : 2 ** (part / perOctave) * 2 ** whole;
}

function clampBound(bound: number, exponent: number): number {
  return exponent === 1024 ? Number.MAX_VALUE : bound;
}

/** The upper bound of a custom bucket; the last bucket is open. */
export function customBound(index: number, bounds: readonly number[]): number {
  if (index < 0) return -Infinity;
  return bounds[index] ?? Infinity;
}

/** The index in a coarser schema of the bucket that contains one of a finer schema. */
export function coarserIndex(index: number, from: number, to: number): number {
  return Math.floor((index - 1) / 2 ** (from - to)) + 1;
}
