import type { Forecast } from '@plimsoll/forecast';
import { HORIZON, type M4Case, SEASON } from './m4-data.ts';

/** Naive2 on the published hourly test set: the reference that OWA divides by. */
const NAIVE2 = { smape: 18.383, mase: 2.395 };

export interface M4Score {
  readonly smape: number;
  readonly mase: number;
  readonly owa: number;
  readonly cov80: number;
  readonly cov95: number;
  readonly msis95: number;
}

/** The M4 competition's measures, means over the series (Makridakis, Spiliotis and Assimakopoulos 2020). */
export function scoreM4(cases: readonly M4Case[], forecasts: readonly Forecast[]): M4Score {
  const sums = { smape: 0, mase: 0, cov80: 0, cov95: 0, msis95: 0 };
  for (const [i, { history, future }] of cases.entries()) {
    const made = forecasts[i];
    if (made === undefined) throw new Error(`series ${i} has no forecast`);
    const scale = seasonalChange(history);
    for (let h = 0; h < HORIZON; h++) {
      const truth = at(future, h);
      const mean = at(made.mean, h);
      const [lo95, hi95] = [at(made.lo95, h), at(made.hi95, h)];
      const size = Math.abs(truth) + Math.abs(mean);
      sums.smape += size === 0 ? 0 : (200 * Math.abs(truth - mean)) / size;
      sums.mase += Math.abs(truth - mean) / scale;
      sums.cov80 += at(made.lo80, h) <= truth && truth <= at(made.hi80, h) ? 1 : 0;
      sums.cov95 += lo95 <= truth && truth <= hi95 ? 1 : 0;
      sums.msis95 += (hi95 - lo95 + 40 * (Math.max(0, lo95 - truth) + Math.max(0, truth - hi95))) / scale;
    }
  }
  const count = cases.length * HORIZON;
  const [smape, mase] = [sums.smape / count, sums.mase / count];
  return {
    smape,
    mase,
    owa: (smape / NAIVE2.smape + mase / NAIVE2.mase) / 2,
    cov80: sums.cov80 / count,
    cov95: sums.cov95 / count,
    msis95: sums.msis95 / count,
  };
}

function at(values: Float64Array, h: number): number {
  return values[h] ?? Number.NaN;
}

/** Mean absolute change to the hour a day ago: what MASE and MSIS are measured in. */
function seasonalChange(history: Float64Array): number {
  let sum = 0;
  for (let i = SEASON; i < history.length; i++)
    sum += Math.abs((history[i] ?? 0) - (history[i - SEASON] ?? 0));
  return sum / (history.length - SEASON);
}
