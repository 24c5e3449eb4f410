/** Index of the first of `count` ascending values that is at least `wanted`. */
export function lowerBound(values: Float64Array, wanted: number, count: number = values.length): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
