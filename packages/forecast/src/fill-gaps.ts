/** A gap up to this share of a season is bridged by a straight line; a longer one repeats the season before. */
const BRIDGED = 0.25;

/**
 * A copy without gaps. Returns undefined when there is no number at all.
 *
 * @param season length of the cycle in steps
 */
export function fillGaps(values: Float64Array, season: number): Float64Array | undefined {
  const filled = values.slice();
  let start = 0;
  while (start < filled.length) {
    if (!Number.isNaN(filled[start])) {
      start++;
      continue;
    }
    let end = start;
    while (end < filled.length && Number.isNaN(filled[end])) end++;
    if (start === 0 && end === filled.length) return undefined;
    fillGap(filled, start, end, season);
    start = end;
  }
  return filled.length === 0 ? undefined : filled;
}

function fillGap(filled: Float64Array, start: number, end: number, season: number): void {
  const before = filled[start - 1];
  const after = filled[end];
  const isShort = end - start <= Math.max(1, season * BRIDGED);
  for (let i = start; i < end; i++) {
    const seasonAgo = filled[i - season];
    if (before !== undefined && after !== undefined && (isShort || seasonAgo === undefined))
      filled[i] = before + ((after - before) * (i - start + 1)) / (end - start + 1);
    else filled[i] = seasonAgo ?? before ?? after ?? 0;
  }
}
