import type { Labels } from '@plimsoll/promql';

/** How long a resolved alert is remembered, milliseconds; Prometheus' number, for those who poll the API. */
export const RESOLVED_RETENTION_MS = 900_000;

/** One element of an alerting rule's result, with the rule's labels and expanded annotations. */
export interface AlertCandidate {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * | state    | condition holds            | condition ended                                         |
 * |----------|----------------------------|---------------------------------------------------------|
 * | (none)   | pending, firing if `for` 0 | -                                                       |
 * | pending  | firing after `for`         | forgotten                                               |
 * | firing   | firing                     | firing until `keep_firing_for` has passed, then inactive |
 * | inactive | pending, a new activeAt    | forgotten after the retention                           |
 */
export interface AlertState extends AlertCandidate {
  readonly state: 'pending' | 'firing' | 'inactive';
  /** When the condition was first seen, less what a restart took. */
  readonly activeAtMs: number;
  readonly firedAtMs: number | null;
  readonly resolvedAtMs: number | null;
  /** Since when it fires only by `keep_firing_for`. */
  readonly keepFiringSinceMs: number | null;
}

/** A rule's alerts by the key of their labels. */
export type AlertStates = ReadonlyMap<string, AlertState>;

export interface AlertTiming {
  readonly forMs: number;
  readonly keepFiringForMs: number;
}

/**
 * The states after an evaluation that yielded `candidates`.
 * @throws Error when two candidates have the same labels
 */
export function evolveAlerts(
  states: AlertStates,
  candidates: readonly AlertCandidate[],
  timing: AlertTiming,
  atMs: number,
): AlertStates {
  const current = new Map<string, AlertCandidate>();
  for (const candidate of candidates) {
    if (current.has(candidate.labels.key))
      throw new Error('vector contains metrics with the same labelset after applying alert labels');
    current.set(candidate.labels.key, candidate);
  }
  const next = new Map<string, AlertState>();
  for (const [key, state] of states) {
    const evolved = current.has(key) ? undefined : withoutCondition(state, timing, atMs);
    if (evolved) next.set(key, evolved);
  }
  for (const [key, candidate] of current)
    next.set(key, withCondition(states.get(key), candidate, timing, atMs));
  return next;
}

function withCondition(
  before: AlertState | undefined,
  candidate: AlertCandidate,
  { forMs }: AlertTiming,
  atMs: number,
): AlertState {
  const { labels, annotations, value } = candidate;
  const known = before?.state === 'inactive' ? undefined : before;
  const base = { labels, annotations, value, resolvedAtMs: null, keepFiringSinceMs: null };
  const activeAtMs = known?.activeAtMs ?? atMs;
  if (known?.state === 'firing') return { ...base, state: 'firing', activeAtMs, firedAtMs: known.firedAtMs };
  const fires = atMs - activeAtMs >= forMs;
  return { ...base, state: fires ? 'firing' : 'pending', activeAtMs, firedAtMs: fires ? atMs : null };
}

function withoutCondition(
  before: AlertState,
  { keepFiringForMs }: AlertTiming,
  atMs: number,
): AlertState | undefined {
  if (before.state === 'pending') return undefined;
  if (before.state === 'inactive')
    return atMs - (before.resolvedAtMs ?? atMs) > RESOLVED_RETENTION_MS ? undefined : before;
  const since = before.keepFiringSinceMs ?? atMs;
  if (keepFiringForMs > 0 && atMs - since < keepFiringForMs) return { ...before, keepFiringSinceMs: since };
  return { ...before, state: 'inactive', resolvedAtMs: atMs, keepFiringSinceMs: null };
}

/** The alerts that are pending or firing. */
export function activeAlerts(states: AlertStates): readonly (AlertState & { state: 'pending' | 'firing' })[] {
  return [...states.values()].filter(
    (alert): alert is AlertState & { state: 'pending' | 'firing' } => alert.state !== 'inactive',
  );
}
