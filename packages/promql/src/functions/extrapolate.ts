/** What rate, increase and delta differ in. */
export interface RateKind {
  readonly isCounter: boolean;
  readonly perSecond: boolean;
}

/** A window's shape, as the extrapolation sees it. */
export interface WindowShape {
  readonly kind: RateKind;
  readonly rangeMs: number;
  readonly endMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
  /** The first sample's start timestamp, 0 where unknown. */
  readonly startMs: number;
  /** How much of the sampled time before the first sample the counter would have been zero; undefined: not known. */
  readonly toZero: number | undefined;
}

/**
 * The factor that turns the change between the first and last sample into that of the whole window. Samples close
 * enough to the window's edges are taken to go on up to them; else the series is taken to begin or end half a sample
 * interval away, and a counter not before it was zero. `fromZero` says the first sample counts as a change from zero,
 * because its start lies in the window. Undefined where the window does not suffice.
 */
export function extrapolate(shape: WindowShape): { factor: number; fromZero: boolean } | undefined {
  const { kind, rangeMs, endMs, firstMs, lastMs, count, startMs } = shape;
  const rangeStart = endMs - rangeMs;
  const fromZero = kind.isCounter && startMs !== 0 && startMs > rangeStart && startMs < firstMs;
  if (!fromZero && count < 2) return undefined;
  const divisor = kind.perSecond ? rangeMs / 1000 : 1;
  if (fromZero) return { factor: shareFromStart(shape) / divisor, fromZero };
  const toZero = (kind.isCounter ? shape.toZero : undefined) ?? Infinity;
  const share = coveredShare(rangeStart, firstMs, lastMs, endMs, count - 1, toZero);
  return { factor: share / divisor, fromZero };
}

/**
 * How many times the sampled span the series is taken to cover. `toZero` is how many such spans before the first
 * sample a counter would have been zero.
 */
export function coveredShare(
  rangeStart: number,
  firstMs: number,
  lastMs: number,
  endMs: number,
  intervals: number,
  toZero: number,
): number {
  const sampled = (lastMs - firstMs) / 1000;
  const interval = sampled / intervals;
  const threshold = interval * 1.1;
  let toStart = (firstMs - rangeStart) / 1000;
  let toEnd = (endMs - lastMs) / 1000;
  if (toStart >= threshold) toStart = interval / 2;
  if (toEnd >= threshold) toEnd = interval / 2;
  if (sampled * toZero < toStart) toStart = sampled * toZero;
  return sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
}

/** As `coveredShare`, for a counter known to have started inside the range: nothing lies before that. */
function shareFromStart({ endMs, firstMs, lastMs, count, startMs }: WindowShape): number {
  const interval = count > 1 ? (lastMs - firstMs) / 1000 / (count - 1) : 0;
  const sampled = (lastMs - startMs) / 1000;
  const beyond = (endMs - lastMs) / 1000;
  const toEnd = beyond >= interval * 1.1 ? interval / 2 : beyond;
  return sampled === 0 ? 1 : (sampled + toEnd) / sampled;
}
