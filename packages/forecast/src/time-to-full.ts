import { dailyMaximum, SECONDS_PER_DAY } from './daily-maximum.ts';
import { fitDampedHolt } from './damped-holt.ts';
import { normalCdf } from './normal.ts';
import { explain } from './explain.ts';
import type { DatedOutlook, Outlook } from './outlook.ts';
import { type LookAhead, lookAhead } from './look-ahead.ts';
import { shortWindowDays } from './short-window.ts';

/** Days of history below which no date is given: fewer cannot tell growth from a weekly habit's rising half. */
export const MINIMUM_HISTORY_DAYS = 5;
/** How far ahead is looked. Growth seen over some weeks says nothing about the year after next. */
export const HORIZON_DAYS = 365;

export interface TimeToFullRequest {
  /** Usage, equally spaced, oldest first, in the unit of `capacity`; NaN is a gap. The last one is now. */
  readonly values: Float64Array;
  readonly stepSeconds: number;
  readonly capacity: number;
}

export interface TimeToFull {
  readonly outlook: Outlook;
  /** Days from the last value until usage first stays at capacity for an hour; null: not within 365 days. */
  readonly q10Days: number | null;
  readonly q50Days: number | null;
  readonly q90Days: number | null;
  /** Probability of being full within 7 days, 0..1; null without enough history. */
  readonly p7: number | null;
  /** Mean absolute error one day ahead over the history, as a fraction of the capacity; null without a model. */
  readonly modelError: number | null;
  /** One sentence for people. */
  readonly explanation: string;
}

const Z80 = 1.2816;
const Z95 = 1.96;
/**
 * The first day a wandering level touches the line comes earlier than its own quantile does, so the early edge is put
 * further out. Chosen on the development set of disks.
 */
const EARLY_EDGE = 1.65;
/** Errors never count for less than this share of the capacity: a flat history is no proof of a flat future. */
const MINIMUM_ERROR = 0.0005;
/** Where the middle never fills, an early edge beyond this many days is no reason to worry. */
const CONCERN_DAYS = 30;
/** A middle this many times later than the early edge is no date. */
const WIDE_RANGE = 4;

/**
 * When a disk will be full, from a damped-trend model of its daily maximum and, for what happens within hours, from the
 * slope of the last six of them. Quantiles come from the model's own error growing over the horizon.
 */
export function timeToFull({ values, stepSeconds, capacity }: TimeToFullRequest): TimeToFull {
  const current = lastNumber(values);
  if (current !== undefined && current >= capacity) return fullNow();
  const days = dailyMaximum(values, stepSeconds);
  const known = countNumbers(days);
  const model = known >= MINIMUM_HISTORY_DAYS ? fitDampedHolt(days) : undefined;
  const historyDays = (values.length * stepSeconds) / SECONDS_PER_DAY;
  if (model === undefined || current === undefined) return notEnoughHistory(Math.min(known, historyDays));

  const stepDays = Math.max(1, stepSeconds / SECONDS_PER_DAY);
  const ahead = lookAhead(model, current, MINIMUM_ERROR * capacity, Math.floor(HORIZON_DAYS / stepDays));
  const range = crossings(ahead, current, capacity, stepDays);
  const soon = shortWindowDays(values, stepSeconds, capacity);
  if (soon !== null && (range.q50Days === null || soon < range.q50Days)) applyShortWindow(range, soon);
  const outlook = judge(range);
  const modelError = model.mae / capacity;
  return { outlook, ...range, modelError, explanation: explain(outlook, range, historyDays) };
}

export interface GrowthForecast {
  /** Seconds from one element to the next: a day, or the series' own step where that is longer. */
  readonly stepSeconds: number;
  readonly mean: Float64Array;
  readonly lo80: Float64Array;
  readonly hi80: Float64Array;
  readonly lo95: Float64Array;
  readonly hi95: Float64Array;
}

/**
 * The path that `timeToFull` rests on, for a plot: the daily maximum from the last value on. Where its mean and edges
 * meet the capacity are the quantiles, as long as no short-window finding overrides them. Not bounded by the capacity.
 * Null without enough history.
 */
export function growthForecast(
  { values, stepSeconds, capacity }: TimeToFullRequest,
  horizonDays: number,
): GrowthForecast | null {
  const current = lastNumber(values);
  const days = dailyMaximum(values, stepSeconds);
  const model = countNumbers(days) >= MINIMUM_HISTORY_DAYS ? fitDampedHolt(days) : undefined;
  if (model === undefined || current === undefined) return null;
  const step = Math.max(SECONDS_PER_DAY, stepSeconds);
  const steps = Math.floor((horizonDays * SECONDS_PER_DAY) / step);
  const { means, deviations } = lookAhead(model, current, MINIMUM_ERROR * capacity, steps);
  const edge = (width: number) => means.map((mean, i) => mean + width * (deviations[i] ?? 0));
  return {
    stepSeconds: step,
    mean: means,
    lo80: edge(-Z80),
    hi80: edge(EARLY_EDGE),
    lo95: edge(-Z95),
    hi95: edge((Z95 * EARLY_EDGE) / Z80),
  };
}

interface Range {
  q10Days: number | null;
  q50Days: number | null;
  q90Days: number | null;
  p7: number;
}

/** Walks the forecast forward and notes where each edge of it first reaches the capacity. */
function crossings(
  { means, deviations }: LookAhead,
  current: number,
  capacity: number,
  stepDays: number,
): Range {
  const range: Range = { q10Days: null, q50Days: null, q90Days: null, p7: 0 };
  let early = current;
  let middle = current;
  let late = current;
  for (let step = 0; step < means.length; step++) {
    const mean = means[step] ?? 0;
    const deviation = deviations[step] ?? 0;
    const nextEarly = mean + EARLY_EDGE * deviation;
    const nextLate = mean - Z80 * deviation;
    range.q10Days ??= crossing(step, early, nextEarly, capacity, stepDays);
    range.q50Days ??= crossing(step, middle, mean, capacity, stepDays);
    range.q90Days ??= crossing(step, late, nextLate, capacity, stepDays);
    if ((step + 1) * stepDays <= 7) range.p7 = Math.max(range.p7, probability(mean, deviation, capacity));
    early = nextEarly;
    middle = mean;
    late = nextLate;
  }
  return range;
}

/** Where the straight line from one step's value to the next meets the capacity, in days; null when it does not. */
function crossing(
  step: number,
  before: number,
  after: number,
  capacity: number,
  stepDays: number,
): number | null {
  if (after < capacity) return null;
  const part = before >= capacity ? 0 : (capacity - before) / (after - before);
  return (step + part) * stepDays;
}

/** The same two-sided widths as the quantiles have, so that p7 passes 0.1 and 0.5 where they pass day 7. */
function probability(mean: number, deviation: number, capacity: number): number {
  const distance = (mean - capacity) / deviation;
  return normalCdf(distance < 0 ? (distance * Z80) / EARLY_EDGE : distance);
}

/** How sure the last hours' slope makes us, and how much earlier than it says the disk may be full. */
const SHORT_WINDOW_CONFIDENCE = 0.6;
const SHORT_WINDOW_EARLY = 0.7;

function applyShortWindow(range: Range, soonDays: number): void {
  range.q50Days = soonDays;
  range.q10Days = Math.min(range.q10Days ?? Number.POSITIVE_INFINITY, soonDays * SHORT_WINDOW_EARLY);
  range.p7 = Math.max(range.p7, SHORT_WINDOW_CONFIDENCE);
}

function judge({ q10Days, q50Days, p7 }: Range): DatedOutlook {
  if (p7 >= 0.5) return 'filling';
  const earliest = q10Days ?? Number.POSITIVE_INFINITY;
  if (q50Days === null) return earliest <= CONCERN_DAYS ? 'unpredictable' : 'not_filling';
  return q50Days > earliest * WIDE_RANGE ? 'unpredictable' : 'filling';
}

function fullNow(): TimeToFull {
  return {
    outlook: 'filling',
    q10Days: 0,
    q50Days: 0,
    q90Days: 0,
    p7: 1,
    modelError: null,
    explanation: 'It is full now.',
  };
}

function notEnoughHistory(days: number): TimeToFull {
  const has = days < 1 ? 'is less than one' : days < 2 ? 'is 1' : `are ${Math.floor(days)}`;
  return {
    outlook: 'not_enough_history',
    q10Days: null,
    q50Days: null,
    q90Days: null,
    p7: null,
    modelError: null,
    explanation: `Not enough history: a date needs ${MINIMUM_HISTORY_DAYS} days of it, there ${has}.`,
  };
}

function countNumbers(values: Float64Array): number {
  return values.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0);
}

function lastNumber(values: Float64Array): number | undefined {
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i] ?? Number.NaN;
    if (value === value) return value;
  }
  return undefined;
}
