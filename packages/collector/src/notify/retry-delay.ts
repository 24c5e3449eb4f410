import type { DeliveryPolicy } from './limits.ts';

/**
 * Milliseconds to wait after the n-th failure (from 1): doubling up to the policy's longest wait, jittered downwards by
 * up to a half so that channels which failed together do not come back together.
 *
 * @param random 0..1
 */
export function retryDelayMs(
  failures: number,
  { retryBaseMs, retryMaxMs }: Pick<DeliveryPolicy, 'retryBaseMs' | 'retryMaxMs'>,
  random: number,
): number {
  const full = Math.min(retryMaxMs, retryBaseMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(full * (1 - random / 2));
}
