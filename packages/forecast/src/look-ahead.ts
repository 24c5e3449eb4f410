import type { DampedHolt } from './damped-holt.ts';

/** The forecast of a model: its mean and the standard deviation of its error, one element a step ahead. */
export interface LookAhead {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/**
 * Follows a damped trend from the end of its series. The error grows as in the state-space form of the model
 * (Hyndman, Koehler, Ord and Snyder, "Forecasting with Exponential Smoothing", class 1).
 *
 * @param current the newest value: the path starts from it where it is above the level
 * @param floor added to the model's one-step error
 */
export function lookAhead(model: DampedHolt, current: number, floor: number, steps: number): LookAhead {
  const { level, trend, alpha, beta, damping, error } = model;
  const means = new Float64Array(steps);
  const deviations = new Float64Array(steps);
  const start = Math.max(level, current);
  let damped = 1;
  let reach = 0;
  let response = 0;
  let variance = 1;
  for (let step = 0; step < steps; step++) {
    if (step > 0) {
      response += damped;
      const weight = alpha * (1 + beta * response);
      variance += weight * weight;
    }
    damped *= damping;
    reach += damped;
    means[step] = start + trend * reach;
    deviations[step] = (error + floor) * Math.sqrt(variance);
  }
  return { means, deviations };
}
