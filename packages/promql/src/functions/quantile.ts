/**
 * The q-quantile of values, interpolated between the two nearest; the array is reordered. NaN sorts first. Outside
 * 0..1 it is infinite; of nothing, or for a NaN q, it is NaN.
 */
export function quantileInPlace(q: number, values: Float64Array): number {
  const { length } = values;
  if (length === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const rank = q * (length - 1);
  const lower = Math.floor(rank);
  const weight = rank - lower;
  const nan = moveNanFirst(values);
  const low = lower < nan ? Number.NaN : selectNth(values, lower, nan);
  if (weight === 0) return low;
  return low * (1 - weight) + leastAfter(values, lower) * weight;
}

/** Moves NaN to the front; their number is where the other values begin. */
function moveNanFirst(values: Float64Array): number {
  let nan = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value === value) continue;
    values[i] = values[nan] ?? 0;
    values[nan] = value;
    nan++;
  }
  return nan;
}

/** Below this many candidates sorting them is as good. */
const FEW = 12;

/** Hoare's selection: puts the n-th smallest at index n, with nothing greater before it and nothing less behind. */
function selectNth(values: Float64Array, n: number, from: number): number {
  let left = from;
  let right = values.length - 1;
  while (right - left > FEW) {
    const pivot = medianOfThree(values[left] ?? 0, values[(left + right) >>> 1] ?? 0, values[right] ?? 0);
    const { before, behind } = partition(values, left, right, pivot);
    if (n <= before) right = before;
    else if (n >= behind) left = behind;
    else return pivot;
  }
  insertionSort(values, left, right);
  return values[n] ?? Number.NaN;
}

function insertionSort(values: Float64Array, left: number, right: number): void {
  for (let i = left + 1; i <= right; i++) {
    const value = values[i] ?? 0;
    let at = i;
    for (; at > left && (values[at - 1] ?? 0) > value; at--) values[at] = values[at - 1] ?? 0;
    values[at] = value;
  }
}

/** Moves what is less than the pivot to the left and what is greater to the right; between the two ends all equal it. */
function partition(
  values: Float64Array,
  left: number,
  right: number,
  pivot: number,
): { before: number; behind: number } {
  let i = left;
  let j = right;
  while (i <= j) {
    while ((values[i] ?? 0) < pivot) i++;
    while ((values[j] ?? 0) > pivot) j--;
    if (i > j) break;
    const swap = values[i] ?? 0;
    values[i++] = values[j] ?? 0;
    values[j--] = swap;
  }
  return { before: j, behind: i };
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** The least value behind an index. Where NaN end up there, all are NaN up to the last. */
function leastAfter(values: Float64Array, index: number): number {
  let least = values[index + 1] ?? Number.NaN;
  for (let i = index + 2; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value < least) least = value;
  }
  return least;
}
