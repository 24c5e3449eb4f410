import type { Call, Expression } from '../syntax/ast.ts';
import { visitExpression } from '../syntax/visit.ts';
import type { Column } from './column.ts';
import type { EvaluationContext } from './context.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';
import { isRangeCall, rangeCallParts } from './range-call.ts';
import type { Plan } from './resolve.ts';

/** Calls over fewer samples take a few milliseconds and are left to the evaluation itself. */
const MANY_SAMPLES = 200_000;

/** A share of the thread's time. */
export interface TimeSlice {
  /** Whether it is time to let others go first. */
  readonly over: boolean;
  rest(): Promise<void>;
}

/**
 * Evaluates the calls that go through many samples into `ahead`, with rests in between, so that what comes after them is
 * quick. Only
 * calls that are evaluated at the query's own steps: not what is inside a subquery, or is the same at all steps.
 */
export async function evaluateAhead(
  plan: Plan,
  grid: Grid,
  evaluator: Evaluator,
  slice: TimeSlice,
  ahead: Map<Expression, Column[]>,
): Promise<void> {
  const { samples } = evaluator.context;
  for (const call of longCalls(plan, evaluator.context)) {
    const before = samples.current;
    const parts = rangeCallParts(call, grid, evaluator);
    let part = parts.next();
    for (; part.done !== true; part = parts.next()) if (slice.over) await slice.rest();
    ahead.set(call, part.value);
    samples.current = before;
  }
}

function longCalls({ expression, invariant }: Plan, context: EvaluationContext): Call[] {
  const calls: Call[] = [];
  visitExpression(expression, (node, path) => {
    if (!isRangeCall(node) || samplesOf(node, context) < MANY_SAMPLES) return;
    if (![node, ...path].some((each) => each.kind === 'subquery' || invariant.has(each))) calls.push(node);
  });
  // What is within another comes before it.
  return calls.toReversed();
}

function samplesOf({ args }: Call, { data }: EvaluationContext): number {
  let count = 0;
  for (const arg of args) {
    if (arg.kind !== 'range') continue;
    for (const { timestamps } of data.get(arg.selector) ?? []) count += timestamps.length;
  }
  return count;
}
