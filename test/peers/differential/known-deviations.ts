import type { Expression } from '@plimsoll/promql';

/**
 * Where we do not answer as Prometheus 3.16 does, on purpose. `parsed` is the smallest expression with a difference.
 *
 * - `timestamp(metric @ T offset D)`: Prometheus looks for the sample at T, without the offset, among samples read up to
 *   T - D. What it finds depends on what else the query reads; ours is the time of the sample `metric @ T offset D` has.
 */
export function isKnownDeviation(parsed: Expression): boolean {
  if (parsed.kind !== 'call' || parsed.name !== 'timestamp') return false;
  const [selector] = parsed.args;
  return selector?.kind === 'selector' && selector.at !== undefined && selector.offset !== undefined;
}
