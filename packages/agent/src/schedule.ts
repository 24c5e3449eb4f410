/** A timestamp this close after the planned one is written as the planned one, milliseconds. */
const TOLERANCE_MS = 10;
/** The tolerance is never more than this part of the interval. */
const TOLERANCE_PART = 0.01;

export interface Schedule {
  readonly intervalMs: number;
  /** Where in the interval this agent collects, so that a fleet spreads over it; 0 to intervalMs. */
  readonly phaseMs: number;
}

/** The phase of an agent: its id spreads agents evenly, and a restart does not shift the rhythm. */
export function schedulePhase(agentId: string, intervalMs: number): number {
  return Number.parseInt(agentId.slice(0, 8), 16) % intervalMs;
}

/** Milliseconds from `nowMs` to the next planned collection; always more than 0. */
export function delayToNext({ intervalMs, phaseMs }: Schedule, nowMs: number): number {
  const into = (((nowMs - phaseMs) % intervalMs) + intervalMs) % intervalMs;
  return intervalMs - into;
}

/**
 * The timestamp of a collection begun at `nowMs`: the planned instant where it was met within a few milliseconds, since
 * equal distances between timestamps cost the store almost nothing.
 */
export function frameTimestamp({ intervalMs, phaseMs }: Schedule, nowMs: number): number {
  const late = (((nowMs - phaseMs) % intervalMs) + intervalMs) % intervalMs;
  return late <= Math.min(TOLERANCE_MS, intervalMs * TOLERANCE_PART) ? nowMs - late : nowMs;
}
