import { MAX_REFUSED_NAMED, type RefusedSample, type SampleAppend } from '../../store.ts';
import type { Head, SampleLimits } from './head.ts';
import type { SampleVerdict } from './loose-series.ts';

/** What became of a batch. */
export interface TakenSamples {
  readonly counts: Readonly<Record<SampleVerdict, number>>;
  /** Samples to be logged, by their index. A repeated one is too: the group that had it may have failed, or be on its way. */
  readonly taken: readonly number[];
  /** Those of them that are histograms. */
  readonly histograms: number;
  /** The first of those not taken. */
  readonly refused: readonly RefusedSample[];
  /** Times of those taken; not finite when none was. */
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** Puts the samples of a batch into the head that are acceptable. */
export function takeSamples(
  head: Head,
  batch: SampleAppend,
  limits: SampleLimits,
  segment: number,
): TakenSamples {
  const counts = { accepted: 0, repeated: 0, outOfOrder: 0, tooOld: 0, duplicate: 0 };
  const taken: number[] = [];
  const refused: RefusedSample[] = [];
  let histograms = 0;
  let oldestMs = Infinity;
  let newestMs = -Infinity;
  head.appendSamples(batch, limits, segment, (index, verdict) => {
    counts[verdict]++;
    if (verdict !== 'accepted' && verdict !== 'repeated') {
      if (refused.length < MAX_REFUSED_NAMED) refused.push({ index, reason: verdict });
      return;
    }
    taken.push(index);
    if (batch.histograms?.[index] !== undefined) histograms++;
    const timestampMs = batch.timestampsMs[index] ?? 0;
    oldestMs = Math.min(oldestMs, timestampMs);
    newestMs = Math.max(newestMs, timestampMs);
  });
  return { counts, taken, histograms, refused, oldestMs, newestMs };
}
