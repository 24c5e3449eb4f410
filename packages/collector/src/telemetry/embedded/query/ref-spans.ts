import type { SeriesRef } from '../../store.ts';

/** Ascending refs as spans, both ends inclusive. Gaps of up to `maxGap` are read past rather than looked up one by one. */
export function refSpans(
  refs: readonly SeriesRef[],
  maxGap: number,
): (readonly [first: SeriesRef, last: SeriesRef])[] {
  const spans: [SeriesRef, SeriesRef][] = [];
  for (const ref of refs) {
    const span = spans.at(-1);
    if (span !== undefined && ref - span[1] <= maxGap) span[1] = ref;
    else spans.push([ref, ref]);
  }
  return spans;
}
