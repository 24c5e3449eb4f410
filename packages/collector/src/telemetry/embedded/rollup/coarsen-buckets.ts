import type { Buckets } from './buckets.ts';
import { RowBuilder } from './row-builder.ts';

const builder = new RowBuilder();

/** Fills `out` with greater buckets made of smaller ones. */
export function coarsenBuckets(fine: Buckets, resolutionMs: number, out: Buckets): void {
  out.clear();
  for (let from = 0; from < fine.length;) {
    const end = Math.ceil((fine.ends[from] ?? 0) / resolutionMs) * resolutionMs;
    builder.begin();
    let to = from;
    while (to < fine.length && (fine.ends[to] ?? 0) <= end) builder.row(fine, to++);
    if (builder.finish(out, end)) mergeBins(out, fine, from, to);
    from = to;
  }
}

function mergeBins(out: Buckets, fine: Buckets, from: number, to: number): void {
  const byKey = new Map<number, number>();
  const end = fine.binEnds[to - 1] ?? 0;
  for (let i = fine.binEnds[from - 1] ?? 0; i < end; i++) {
    const key = fine.keys[i] ?? 0;
    byKey.set(key, (byKey.get(key) ?? 0) + (fine.binCounts[i] ?? 0));
  }
  for (const [key, count] of [...byKey].sort((a, b) => a[0] - b[0])) out.addBin(key, count);
}
