import { SECONDS_PER_DAY } from './daily-maximum.ts';

const WINDOW_SECONDS = 6 * 3600;
/** How far the last hours' slope is believed. */
const BELIEVED_DAYS = 1;
/** The rise is compared with those of this long before. */
const COMPARED_SECONDS = 21 * SECONDS_PER_DAY;
/** Rises as large as this share of the present one ... */
const SIMILAR = 0.8;
/** ... must have been rarer than this, else it is the daily habit. */
const RARE = 0.02;
const MINIMUM_POINTS = 6;
/** Share of the variance a straight line must explain: a jump is no slope. */
const STRAIGHT = 0.8;

/**
 * Days until full by the slope of the last six hours, when that is less than a day ahead and such a rise is unusual for
 * this disk; else null. Daily maxima cannot see a disk that fills this afternoon.
 */
export function shortWindowDays(values: Float64Array, stepSeconds: number, capacity: number): number | null {
  const window = Math.round(WINDOW_SECONDS / stepSeconds);
  const last = values.length - 1;
  if (window < MINIMUM_POINTS || last <= 2 * window) return null;
  const slope = slopeOfLast(values, window);
  const current = values[last] ?? Number.NaN;
  const rise = current - (values[last - window] ?? Number.NaN);
  if (!(slope > 0 && rise > 0)) return null;
  const days = ((capacity - current) / slope) * (stepSeconds / SECONDS_PER_DAY);
  if (!(days < BELIEVED_DAYS)) return null;
  return shareOfRises(values, window, rise * SIMILAR, COMPARED_SECONDS / stepSeconds) <= RARE ? days : null;
}

/** Least-squares slope a step over the last `window` points, gaps left out; NaN when they are no straight line. */
function slopeOfLast(values: Float64Array, window: number): number {
  const start = values.length - window;
  let n = 0;
  let sumX = 0;
  let sumY = 0;
  let sumXX = 0;
  let sumXY = 0;
  let sumYY = 0;
  for (let x = 0; x < window; x++) {
    const y = values[start + x] ?? Number.NaN;
    if (Number.isNaN(y)) continue;
    n++;
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumXY += x * y;
    sumYY += y * y;
  }
  if (n < MINIMUM_POINTS) return Number.NaN;
  const spreadX = n * sumXX - sumX * sumX;
  const together = n * sumXY - sumX * sumY;
  const explained = (together * together) / (spreadX * (n * sumYY - sumY * sumY));
  return explained >= STRAIGHT ? together / spreadX : Number.NaN;
}

/** Which share of the earlier windows rose by at least `rise`. */
function shareOfRises(values: Float64Array, window: number, rise: number, points: number): number {
  const end = values.length - 1 - window;
  let compared = 0;
  let similar = 0;
  for (let i = end; i >= Math.max(window, end - points); i--) {
    const change = (values[i] ?? Number.NaN) - (values[i - window] ?? Number.NaN);
    if (Number.isNaN(change)) continue;
    compared++;
    if (change >= rise) similar++;
  }
  return compared === 0 ? 1 : similar / compared;
}
