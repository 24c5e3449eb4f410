import { detectReset } from './detect-reset.ts';
import { FloatHistogram } from './float-histogram.ts';

/**
 * The hint a histogram is read with after another one in the same series, as Prometheus' storage gives it: gauges stay
 * gauges, and a sample that continues its predecessor was no reset. Of all others nothing is said, not even that they
 * were a reset, because storage cannot know what samples lie between. `previous` is undefined at the start of a
 * series, and after a float or a stale marker.
 */
export function withDerivedHint(
  histogram: FloatHistogram,
  previous: FloatHistogram | undefined,
): FloatHistogram {
  if (histogram.counterResetHint === 'gauge') return histogram;
  return histogram.withHint(continues(histogram, previous) ? 'not_reset' : 'unknown');
}

function continues(histogram: FloatHistogram, previous: FloatHistogram | undefined): boolean {
  if (!previous || previous.counterResetHint === 'gauge' || histogram.counterResetHint === 'reset')
    return false;
  const { schema, zeroThreshold, customValues } = histogram;
  if (schema !== previous.schema || zeroThreshold !== previous.zeroThreshold) return false;
  if (customValues.length !== previous.customValues.length) return false;
  if (customValues.some((bound, at) => bound !== previous.customValues[at])) return false;
  return !detectReset(histogram.withHint('unknown'), previous);
}

/**
 * What functions of count and sum alone see of a series of histograms: no buckets, but with a hint on each reset,
 * which without buckets could no longer be found out. Of what lies before the sample at `from` nothing is known.
 */
export function toStatistics(
  histograms: readonly (FloatHistogram | undefined)[],
  from: number,
): (FloatHistogram | undefined)[] {
  let previous: FloatHistogram | undefined;
  return histograms.map((histogram, index) => {
    if (index === from) previous = undefined;
    if (!histogram) return undefined;
    const { schema, count, sum } = histogram;
    let hint = histogram.counterResetHint;
    if (hint === 'unknown' && previous) hint = detectReset(histogram, previous) ? 'reset' : 'not_reset';
    previous = histogram;
    return new FloatHistogram({ schema, count, sum, counterResetHint: hint });
  });
}
