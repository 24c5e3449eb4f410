/**
 * A quantile sketch with relative accuracy, after DDSketch (Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable
 * Quantile Sketch with Relative-Error Guarantees", VLDB 2019): values are counted in bins that grow by a constant
 * factor, so that the middle of a bin is within 1 % of everything in it. Sketches are merged by adding their counts.
 */
export const SKETCH_ACCURACY = 0.01;

const GROWTH = (1 + SKETCH_ACCURACY) / (1 - SKETCH_ACCURACY);
const BINS_PER_E = 1 / Math.log(GROWTH);
/** Moves the bins of all positive doubles, from 5e-324 on, above zero: those of negative ones mirror them. */
const OFFSET = 38_000;
const INFINITE = 90_000;
const NOT_A_NUMBER = -100_000;

/** The bin of a value; greater values never have a lesser one, and NaN has the least. */
export function sketchKey(value: number): number {
  if (value > 0) return value === Infinity ? INFINITE : Math.ceil(Math.log(value) * BINS_PER_E) + OFFSET;
  if (value < 0) return -sketchKey(-value);
  return value === 0 ? 0 : NOT_A_NUMBER;
}

/** What stands for the values of a bin. */
export function sketchValue(key: number): number {
  if (key === NOT_A_NUMBER) return Number.NaN;
  if (key < 0) return -sketchValue(-key);
  if (key === 0 || key === INFINITE) return key === 0 ? 0 : Infinity;
  const exponent = (key - OFFSET) / BINS_PER_E;
  // In two factors: the upper end of the last bin is beyond the greatest double.
  return Math.exp(exponent / 2) * ((2 / (GROWTH + 1)) * Math.exp(exponent / 2));
}

/**
 * The q-quantile, 0 <= q <= 1, of values counted by key: between neighbours interpolated as Prometheus does, each
 * within the sketch's accuracy.
 */
export function sketchQuantile(q: number, counts: ReadonlyMap<number, number>): number {
  const keys = [...counts.keys()].sort((a, b) => a - b);
  let total = 0;
  for (const count of counts.values()) total += count;
  const rank = q * (total - 1);
  const lower = Math.floor(rank);
  const low = valueAt(keys, counts, lower);
  if (lower === rank) return low;
  const high = valueAt(keys, counts, lower + 1);
  return low === high ? low : low + (high - low) * (rank - lower);
}

function valueAt(keys: readonly number[], counts: ReadonlyMap<number, number>, index: number): number {
  let passed = 0;
  for (const key of keys) {
    passed += counts.get(key) ?? 0;
    if (passed > index) return sketchValue(key);
  }
  return sketchValue(keys.at(-1) ?? NOT_A_NUMBER);
}
