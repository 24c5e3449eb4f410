import type { ProblemStateName } from '../json/problem.ts';
import type { ProblemState } from './state.ts';

/** Payloads by event type. */
export interface ProblemPayloads {
  'problem.opened': Pick<
    ProblemState,
    'id' | 'number' | 'title' | 'service' | 'signature' | 'reason' | 'openedAtMs' | 'incidents'
  >;
  'problem.incident_linked': { readonly incident: string; readonly number: number };
  'problem.noted': { readonly text: string };
  'problem.moved': { readonly state: ProblemStateName };
  'problem.analysed': { readonly rootCause: string | null; readonly workaround: string | null };
  'problem.closed': { readonly note: string };
}

export type ProblemEventType = keyof ProblemPayloads;

export type ProblemEvent = {
  [T in ProblemEventType]: {
    readonly type: T;
    readonly schemaVersion: 1;
    readonly occurredAtMs: number;
    readonly payload: ProblemPayloads[T];
  };
}[ProblemEventType];

/** An event of this build's shape. */
export function problemEvent<T extends ProblemEventType>(
  type: T,
  occurredAtMs: number,
  payload: ProblemPayloads[T],
): Extract<ProblemEvent, { type: T }> {
  return { type, schemaVersion: 1, occurredAtMs, payload } as unknown as Extract<ProblemEvent, { type: T }>;
}
