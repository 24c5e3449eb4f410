import type { ProblemJson, ProblemStateName } from '../json/problem.ts';

/** Everything decisions about one problem rest on. Times are milliseconds since the Unix epoch. */
export interface ProblemState {
  readonly id: string;
  readonly number: number;
  readonly version: number;
  readonly state: ProblemStateName;
  readonly title: string;
  readonly service: string;
  readonly signature: string;
  readonly reason: ProblemJson['reason'];
  readonly openedAtMs: number;
  readonly resolvedAtMs: number | null;
  readonly closedAtMs: number | null;
  /** Ids, oldest first. */
  readonly incidents: readonly string[];
  readonly rootCause: string | null;
  readonly workaround: string | null;
}

/** Neither resolved nor closed: new occurrences belong to it. */
export function isProblemOpen(problem: ProblemState): boolean {
  return problem.state !== 'resolved' && problem.state !== 'closed';
}

/** Analysed, not yet fixed. */
export function isKnownError(problem: ProblemState): boolean {
  return isProblemOpen(problem) && problem.rootCause !== null;
}
