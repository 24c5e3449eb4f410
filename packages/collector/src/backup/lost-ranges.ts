import type { SequenceRange } from '../telemetry/store.ts';

/**
 * The sequences of an agent that are missing behind a known one: between it and the newest of its epoch, and in every
 * later epoch from 1 on. What an epoch that has ended had behind its newest is not known, and not told.
 */
export function lostRanges(received: readonly SequenceRange[], epoch: number, last: number): SequenceRange[] {
  const lost: SequenceRange[] = [];
  const byEpoch = Map.groupBy(
    received.filter((range) => range.epoch >= epoch),
    (range) => range.epoch,
  );
  for (const [each, ranges] of [...byEpoch].toSorted((a, b) => a[0] - b[0])) {
    let next = each === epoch ? last + 1 : 1;
    for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
      if (range.last < next) continue;
      if (range.first > next) lost.push({ epoch: each, first: next, last: range.first - 1 });
      next = range.last + 1;
    }
  }
  return lost;
}
