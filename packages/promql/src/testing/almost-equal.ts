/** Relative error allowed between an expected value and the actual one. */
const EPSILON = 1e-6;
const MIN_NORMAL = 2.2250738585072014e-308;

/** Whether two values are the same up to rounding; NaN equals NaN, infinities only themselves. */
export function almostEqual(a: number, b: number, epsilon = EPSILON): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (a === b) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return difference < epsilon * MIN_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < epsilon;
}
