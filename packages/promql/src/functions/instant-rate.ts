import { setFloat, setHistogram } from '../evaluate/column.ts';
import type { RangeSeries } from '../evaluate/value.ts';
import { detectReset } from '../histogram/detect-reset.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { subtractHistograms } from '../histogram/combine.ts';
import { mergeSamples } from './changes.ts';
import { remarkGauges, remarkReconciled, warnIncompatible } from './histogram-remarks.ts';
import { forEachWindow, type RangeCall, type RangeFunction, warnMixed } from './range-function.ts';
import { isStartReset } from './start-timestamps.ts';

export const instantRate: RangeFunction = lastTwo(true);
export const instantDelta: RangeFunction = lastTwo(false);

/** A function of the last two samples of a window. */
function lastTwo(isRate: boolean): RangeFunction {
  return (series, call, out) => {
    forEachWindow(series, call, (step, floatFrom, floatTo, histogramFrom, histogramTo) => {
      const samples = mergeSamples(
        series,
        Math.max(floatFrom, floatTo - 2),
        floatTo,
        Math.max(histogramFrom, histogramTo - 2),
        histogramTo,
      );
      const [before, last] = samples.slice(-2);
      if (!before || !last || before.time === last.time) return;
      const seconds = isRate ? (last.time - before.time) / 1000 : 1;
      const startReset = isStartReset(before.start, before.time, last.start, last.time);
      if (before.histogram && last.histogram) {
        const pair = { before: before.histogram, last: last.histogram, startReset };
        const result = histogramDifference(series, call, pair, isRate);
        if (result) setHistogram(out, step, isRate ? result.divide(seconds) : result);
      } else if (before.histogram || last.histogram) warnMixed(series, call);
      else {
        const reset = isRate && (last.value < before.value || startReset);
        setFloat(out, step, (reset ? last.value : last.value - before.value) / seconds);
      }
    });
  };
}

function histogramDifference(
  series: RangeSeries,
  call: RangeCall,
  pair: { before: FloatHistogram; last: FloatHistogram; startReset: boolean },
  isRate: boolean,
): FloatHistogram | undefined {
  const { before, last, startReset } = pair;
  remarkGauges(series, call, [before, last], isRate);
  let result = last;
  if (!isRate || (!startReset && !detectReset(last, before))) {
    const difference = subtractHistograms(last, before);
    if (!difference) {
      warnIncompatible(series, call);
      return undefined;
    }
    remarkReconciled(call, difference, 'subtraction');
    result = difference.histogram;
  }
  return result.withHint('gauge').compact();
}
