import type { Level, Severity } from '../json/common.ts';

const URGENCY = { critical: 1, warning: 2, info: 3 } as const satisfies Record<Severity, Level>;

/** A rule's severity gives the urgency it starts with. */
export function urgencyOf(severity: Severity): Level {
  return URGENCY[severity];
}

/** The most critical impacted service gives the impact: tier 1 the widest, tiers 3 and 4 the narrowest. */
export function impactOf(tiers: readonly (1 | 2 | 3 | 4)[]): Level {
  const highest = Math.min(...tiers);
  if (highest === 1) return 1;
  return highest === 2 ? 2 : 3;
}
