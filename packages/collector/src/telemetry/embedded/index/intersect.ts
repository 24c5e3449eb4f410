/** The numbers in both lists, each ascending. The longer one is searched, not walked: it may be the whole fleet. */
export function intersect(shorter: ArrayLike<number>, longer: ArrayLike<number>): number[] {
  const both: number[] = [];
  let from = 0;
  for (let i = 0; i < shorter.length; i++) {
    const wanted = shorter[i] ?? 0;
    from = seek(longer, wanted, from);
    if (from === longer.length) break;
    if (longer[from] === wanted) both.push(wanted);
  }
  return both;
}

/** The first place at or behind `from` with a number that is not below `wanted`: in strides that double, then by halves. */
function seek(list: ArrayLike<number>, wanted: number, from: number): number {
  let low = from;
  let stride = 1;
  while (low + stride < list.length && (list[low + stride] ?? 0) < wanted) {
    low += stride;
    stride *= 2;
  }
  let high = Math.min(low + stride, list.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
