import {
  childrenOf,
  type Expression,
  formatExpression,
  parseExpression,
  valueTypeOf,
} from '@plimsoll/promql';
import type { Answer, Query, Series } from './ask.ts';
import { isKnownDeviation } from './known-deviations.ts';
import { compareAnswers, labelsKey, pointsOf, sameValue } from './compare-answers.ts';

/** Both servers' answers to one query. */
export interface Answers {
  readonly ours: Answer;
  readonly theirs: Answer;
}

type AskBoth = (query: Query) => Promise<Answers>;

/** The smallest part of a query that is still answered differently. */
export interface Cause extends Answers {
  readonly query: Query;
  readonly what: string;
  readonly kind: 'difference' | Excuse;
}

/**
 * Why a difference counts for nothing.
 * - `tie`: topk or bottomk chose another of several equal values; inside an expression, as Prometheus itself does when
 *   asked again.
 * - `rounding`: the operands differ in their last digits already, and the operator makes more of it (a comparison, a
 *   remainder, the difference of almost equal numbers). Or an aggregation adds almost equal numbers in another order.
 * - `deviation`: one of those in known-deviations.ts.
 */
type Excuse = 'tie' | 'rounding' | 'deviation';

/** Times that are tried to find one of a long answer that shows the difference. */
const MAX_TIMES = 100;
/** The spread of times of today around their mean has no more digits: 1.8e9 seconds to the square, of 16. */
const SPREAD_TOLERANCE = 1e-4;
/** With two equal candidates a choice by chance shows in all but one of a thousand. */
const MAX_ATTEMPTS = 10;

/** The cause of the difference between two answers, undefined where they are alike. */
export async function findCause(
  askBoth: AskBoth,
  query: Query,
  answers: Answers,
): Promise<Cause | undefined> {
  const what = compareAnswers(answers.ours, answers.theirs, { ordered: isOrdered(query) });
  if (what === undefined) return undefined;
  for (const smaller of partsOf(query, answers)) {
    const cause = await findCause(askBoth, smaller, await askBoth(smaller));
    if (cause !== undefined) return cause;
  }
  const excuse = await excuseFor(askBoth, query, answers);
  return { ...answers, query, what, kind: excuse ?? 'difference' };
}

async function excuseFor(askBoth: AskBoth, query: Query, answers: Answers): Promise<Excuse | undefined> {
  const parsed = parse(query.expression);
  if (parsed === undefined) return undefined;
  if (isKnownDeviation(parsed)) return 'deviation';
  if (isSelection(parsed) && choseEqualValues(answers)) return 'tie';
  if (hasSelection(parsed) && (await isUnsteady(askBoth, query, answers))) return 'tie';
  return (await isRounding(askBoth, parsed, query, answers)) ? 'rounding' : undefined;
}

function hasSelection(parsed: Expression): boolean {
  return isSelection(parsed) || childrenOf(parsed).some((child) => hasSelection(child));
}

/** Whether Prometheus answers the same question in more than one way. */
async function isUnsteady(askBoth: AskBoth, query: Query, { theirs }: Answers): Promise<boolean> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const again = (await askBoth(query)).theirs;
    if (compareAnswers(again, theirs, { ordered: isOrdered(query) }) !== undefined) return true;
  }
  return false;
}

/** Instant queries that define the order of their answer. Groups of topk and bottomk come in any order. */
function isOrdered({ expression, step }: Query): boolean {
  const parsed = parse(expression);
  if (step > 0 || parsed === undefined) return false;
  if (parsed.kind === 'aggregation')
    return isSelection(parsed) && !parsed.without && parsed.grouping.length === 0;
  return parsed.kind === 'call' && (parsed.name === 'sort' || parsed.name === 'sort_desc');
}

function isSelection(parsed: Expression): boolean {
  return parsed.kind === 'aggregation' && (parsed.operator === 'topk' || parsed.operator === 'bottomk');
}

/** Smaller queries, any of which may show the difference: the same at one time, then the operands. */
function partsOf(query: Query, answers: Answers): Query[] {
  const parsed = parse(query.expression);
  if (parsed === undefined) return [];
  if (query.step > 0) {
    const times: number[] = [];
    for (let time = query.start; time <= query.end && times.length < MAX_TIMES; time += query.step) {
      times.push(Math.round(time * 1000) / 1000);
    }
    return [...times.map((time) => at(time, query)), ...operandsOf(parsed, query)];
  }
  if (parsed.kind !== 'subquery') return operandsOf(parsed, query);
  const inner = part(query, parsed.expression);
  return timesOf(answers).map((time) => at(time, inner));
}

/** The direct operands that can be asked on their own. */
function operandsOf(parsed: Expression, query: Query): Query[] {
  return childrenOf(parsed)
    .filter((child) => query.step === 0 || ['vector', 'scalar'].includes(valueTypeOf(child)))
    .map((child) => part(query, child));
}

function part(query: Query, expression: Expression): Query {
  return { ...query, expression: formatExpression(expression) };
}

function at(time: number, query: Query): Query {
  return { ...query, start: time, end: time, step: 0 };
}

function timesOf({ ours, theirs }: Answers): number[] {
  const times = [ours, theirs].flatMap((answer) =>
    seriesOf(answer).flatMap((series) => pointsOf(series).map(([time]) => time)),
  );
  return [...new Set(times)].slice(0, MAX_TIMES);
}

function seriesOf({ data }: Answer): readonly Series[] {
  const isSeries = data?.resultType === 'vector' || data?.resultType === 'matrix';
  return isSeries ? (data.result as readonly Series[]) : [];
}

/** Whether both chose the same values, time by time. */
function choseEqualValues({ ours, theirs }: Answers): boolean {
  const [mine, their] = [ours, theirs].map((answer) =>
    seriesOf(answer)
      .flatMap((series) => pointsOf(series))
      .sort(
        ([time, value], [otherTime, otherValue]) => time - otherTime || Number(value) - Number(otherValue),
      ),
  );
  if (mine === undefined || their === undefined || mine.length !== their.length) return false;
  return mine.every(([time, value], index) => {
    const [theirTime, theirValue] = their[index] ?? [0, ''];
    return time === theirTime && sameValue(value, theirValue);
  });
}

/** Whether an operand, alike within the tolerance, is not alike to the last digit. */
async function isRounding(
  askBoth: AskBoth,
  parsed: Expression,
  query: Query,
  { ours, theirs }: Answers,
): Promise<boolean> {
  if (ours.status !== 'success') return false;
  const loose = { ordered: false, tolerance: SPREAD_TOLERANCE };
  if (isSpread(parsed) && compareAnswers(ours, theirs, loose) === undefined) return true;
  for (const operand of operandsOf(parsed, query)) {
    const answers = await askBoth(operand);
    if (exactly(answers.ours) !== exactly(answers.theirs)) return true;
  }
  return false;
}

/** A standard deviation or variance, also at the times of a subquery. */
function isSpread(parsed: Expression): boolean {
  if (parsed.kind === 'subquery' || parsed.kind === 'paren') return isSpread(parsed.expression);
  return parsed.kind === 'aggregation' && (parsed.operator === 'stdvar' || parsed.operator === 'stddev');
}

function exactly(answer: Answer): string {
  if (seriesOf(answer).length === 0) return JSON.stringify(answer.data);
  return seriesOf(answer)
    .map((series) => `${labelsKey(series.metric)} ${JSON.stringify(pointsOf(series))}`)
    .sort()
    .join('\n');
}

function parse(expression: string): Expression | undefined {
  try {
    return parseExpression(expression);
  } catch {
    return undefined; // Does not parse, has no parts.
  }
}
