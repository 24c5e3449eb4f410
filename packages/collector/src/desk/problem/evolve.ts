import { LIMITS } from '../limits.ts';
import type { ProblemEvent, ProblemEventType, ProblemPayloads } from './event.ts';
import type { ProblemState } from './state.ts';

/** Applies one event. */
export function evolveProblem(before: ProblemState | null, event: ProblemEvent): ProblemState {
  if (event.type === 'problem.opened') {
    if (before !== null) throw new Error(`problem ${before.id} was opened twice`);
    return {
      ...event.payload,
      version: 1,
      state: 'new',
      resolvedAtMs: null,
      closedAtMs: null,
      rootCause: null,
      workaround: null,
    };
  }
  if (before === null) throw new Error(`${event.type} has no problem to apply to`);
  // The table is typed by event; the look-up alone cannot tell the compiler that key and payload belong together.
  const change = CHANGES[event.type] as Change<LaterType>;
  return { ...before, ...change(before, event.payload, event.occurredAtMs), version: before.version + 1 };
}

/** Whether this build knows a type. */
export function isProblemEventType(type: string): boolean {
  return type === 'problem.opened' || Object.hasOwn(CHANGES, type);
}

type LaterType = Exclude<ProblemEventType, 'problem.opened'>;
type Change<T extends LaterType> = (
  problem: ProblemState,
  payload: ProblemPayloads[T],
  atMs: number,
) => Partial<ProblemState>;

const CHANGES: { readonly [T in LaterType]: Change<T> } = {
  'problem.incident_linked': (problem, { incident }) => ({
    incidents: [...problem.incidents, incident].slice(-LIMITS.problemIncidents),
  }),
  'problem.noted': () => ({}),
  'problem.moved': (_, { state }, atMs) => ({ state, resolvedAtMs: state === 'resolved' ? atMs : null }),
  'problem.analysed': (_, { rootCause, workaround }) => ({ rootCause, workaround }),
  'problem.closed': (problem, _, atMs) => ({
    state: 'closed',
    resolvedAtMs: problem.resolvedAtMs ?? atMs,
    closedAtMs: atMs,
  }),
};
