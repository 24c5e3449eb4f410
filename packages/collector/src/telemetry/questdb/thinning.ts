import type { Instants, SelectRequest } from '@plimsoll/promql';
import { MIN_THINNING_STEP_MS } from './limits.ts';
import { identifier, TIME_COLUMN } from './names.ts';

/** How a read leaves out samples that nobody looks at. */
export type Thinning =
  | { readonly kind: 'all' }
  /** The newest sample of each series. */
  | { readonly kind: 'newest' }
  /** The newest sample of each series in each window; the expression is the window's number. */
  | { readonly kind: 'windows'; readonly window: string };

const ALL: Thinning = { kind: 'all' };

/**
 * What a request lets us leave out. An evaluation sees the newest sample at or before each of its times. The windows
 * end at these times, both counted from a time before the range, so that the server divides positive numbers only.
 */
export function thinningOf({ instants, startMs, endMs }: SelectRequest): Thinning {
  if (instants === undefined || instants.count < 1) return ALL;
  if (instants.count === 1 || instants.stepMs === 0) {
    return instants.firstMs >= endMs ? { kind: 'newest' } : ALL;
  }
  if (instants.stepMs < MIN_THINNING_STEP_MS || lastOf(instants) < endMs) return ALL;
  const stepsBefore = Math.max(0, Math.ceil((instants.firstMs - startMs) / instants.stepMs)) + 1;
  const originMs = instants.firstMs - stepsBefore * instants.stepMs;
  const window = `(${identifier(TIME_COLUMN)}::long - ${originMs * 1000 + 1}) / ${instants.stepMs * 1000}`;
  return { kind: 'windows', window };
}

function lastOf({ firstMs, stepMs, count }: Instants): number {
  return firstMs + (count - 1) * stepMs;
}
