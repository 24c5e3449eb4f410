import { PlimsollError } from '../../errors.ts';
import type { ProblemCommand } from '../command.ts';
import { problemEvent } from './event.ts';
import type { ProblemEvent, ProblemPayloads } from './event.ts';
import type { ProblemState } from './state.ts';

export type ProblemAsk =
  | ProblemCommand
  | { readonly type: 'problem.open'; readonly problem: ProblemPayloads['problem.opened'] }
  | { readonly type: 'problem.link'; readonly incident: string; readonly number: number };

/** Decides what happens to a problem (null: to one that is not there yet). Pure. */
export function decideProblem(problem: ProblemState | null, ask: ProblemAsk, nowMs: number): ProblemEvent[] {
  if (ask.type === 'problem.open') return [problemEvent('problem.opened', nowMs, ask.problem)];
  if (problem === null) throw new Error(`${ask.type} needs a problem`);
  if (ask.type === 'problem.note') return [problemEvent('problem.noted', nowMs, { text: ask.text })];
  if (problem.state === 'closed') {
    throw new PlimsollError(
      'failed_precondition',
      `problem ${problem.number} is closed: only notes can be added`,
      { details: { problem: problem.id } },
    );
  }
  return decideOpenProblem(problem, ask, nowMs);
}

function decideOpenProblem(
  problem: ProblemState,
  ask: Exclude<ProblemAsk, { type: 'problem.open' | 'problem.note' }>,
  nowMs: number,
): ProblemEvent[] {
  if (ask.type === 'problem.link') {
    if (problem.incidents.includes(ask.incident)) return [];
    const { incident, number } = ask;
    return [problemEvent('problem.incident_linked', nowMs, { incident, number })];
  }
  if (ask.type === 'problem.move') {
    return ask.state === problem.state ? [] : [problemEvent('problem.moved', nowMs, { state: ask.state })];
  }
  if (ask.type === 'problem.close') return [problemEvent('problem.closed', nowMs, { note: ask.note })];
  const rootCause = ask.rootCause ?? problem.rootCause;
  const workaround = ask.workaround ?? problem.workaround;
  if (rootCause === problem.rootCause && workaround === problem.workaround) return [];
  return [problemEvent('problem.analysed', nowMs, { rootCause, workaround })];
}
