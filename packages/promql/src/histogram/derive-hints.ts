import { detectReset } from './detect-reset.ts';
import type { FloatHistogram } from './float-histogram.ts';

/**
 * The hint a histogram is read with after another one in the same series, as Prometheus' storage gives it: gauges stay
 * gauges; a reset is told, whether stated or seen; after a gauge, or where schema or zero threshold changed, nothing
 * is known; else there was no reset. `previous` is undefined at the start of a series, and after a float or a stale
 * marker.
 */
export function withDerivedHint(
  histogram: FloatHistogram,
  previous: FloatHistogram | undefined,
): FloatHistogram {
  if (histogram.counterResetHint === 'gauge') return histogram;
  if (histogram.counterResetHint === 'reset') return histogram;
  if (!previous || previous.counterResetHint === 'gauge') return histogram.withHint('unknown');
  const unhinted = histogram.withHint('unknown');
  if (histogram.count < previous.count) return histogram.withHint('reset');
  if (histogram.schema !== previous.schema || histogram.zeroThreshold !== previous.zeroThreshold)
    return unhinted;
  const sameBounds =
    !histogram.usesCustomBuckets ||
    (histogram.customValues.length === previous.customValues.length &&
      histogram.customValues.every((bound, at) => bound === previous.customValues[at]));
  if (!sameBounds) return histogram.withHint('reset');
  return histogram.withHint(detectReset(unhinted, previous) ? 'reset' : 'not_reset');
}
