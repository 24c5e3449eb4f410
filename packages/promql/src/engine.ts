import { PromqlError } from './errors.ts';
import { Annotations } from './evaluate/annotations.ts';
import type { Column } from './evaluate/column.ts';
import { ColumnMemory } from './evaluate/column-memory.ts';
import { type EvaluationContext, type EvaluationSettings, SampleBudget } from './evaluate/context.ts';
import { evaluateAhead, type TimeSlice } from './evaluate/evaluate-ahead.ts';
import { createEvaluator } from './evaluate/evaluator.ts';
import { type Grid, gridBetween } from './evaluate/grid.ts';
import { type QueryTimes, resolveExpression, unwrap } from './evaluate/resolve.ts';
import { planSelections, readSelections } from './evaluate/select.ts';
import { statisticsOnly } from './evaluate/statistics-only.ts';
import { selectMatrix } from './evaluate/top-level-matrix.ts';
import { instantVector, matrixOf } from './evaluate/to-result.ts';
import {
  DEFAULT_LOOKBACK_MS,
  DEFAULT_SUBQUERY_STEP_MS,
  MAX_SAMPLES,
  MAX_SERIES,
  MAX_STEPS,
} from './limits.ts';
import type { Queryable } from './queryable.ts';
import type { Matrix, QueryResult, QueryValue } from './result.ts';
import type { Expression } from './syntax/ast.ts';
import { formatExpression } from './syntax/format.ts';
import { parseExpression, type ParserOptions } from './syntax/parser.ts';
import { documentedType, valueTypeOf } from './syntax/value-type.ts';

/** How an engine evaluates. Everything beyond a released Prometheus' defaults is off unless asked for. */
export interface EngineOptions extends ParserOptions {
  /** How far back an instant selector looks for a sample; 5 minutes. */
  readonly lookbackMs?: number;
  /** Keep `__name__` until a query's end. */
  readonly delayedNameRemoval?: boolean;
  /** Use start timestamps to detect counter resets. */
  readonly startTimestamps?: boolean;
  /** Metrics carry their type and unit as the labels `__type__` and `__unit__`. */
  readonly typeAndUnitLabels?: boolean;
  /** The step of subqueries that give none; 1 minute. */
  readonly defaultSubqueryStepMs?: number;
  readonly maxSamples?: number;
  readonly maxSeries?: number;
  readonly maxSteps?: number;
  /** A clock in milliseconds. With it, `timeoutMs` also stops a query in the middle of its evaluation. */
  readonly now?: () => number;
  /** Begins a query's share of the thread's time; with it, long evaluations rest and let others go first. */
  readonly timeSlice?: () => TimeSlice;
}

/** What every query is given. One of `text` and `expression` is needed; remarks show places in `text`. */
export interface QueryInput {
  readonly text?: string;
  readonly expression?: Expression;
  readonly queryable: Queryable;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Instead of the engine's. */
  readonly lookbackMs?: number;
}

export interface InstantQuery extends QueryInput {
  readonly timeMs: number;
}

export interface RangeQuery extends QueryInput {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** Evaluates queries. It keeps nothing of them but memory to use again. All methods throw `PromqlError`. */
export interface Engine {
  /** Parses as this engine's options say. */
  parse(text: string): Expression;
  queryInstant(query: InstantQuery): Promise<QueryResult>;
  queryRange(query: RangeQuery): Promise<QueryResult<Matrix>>;
}

/** Kept for the next evaluations. */
const MAX_MEMORIES = 2;

export function createEngine(options: EngineOptions = {}): Engine {
  return new QueryEngine(options);
}

class QueryEngine implements Engine {
  readonly #options: EngineOptions;
  /** Of evaluations that are over; several may be under way. */
  readonly #memories: ColumnMemory[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  parse(text: string): Expression {
    return parseExpression(text, this.#options);
  }

  async queryInstant(query: InstantQuery): Promise<QueryResult> {
    const { timeMs } = query;
    const times = { startMs: timeMs, endMs: timeMs, stepMs: 0 };
    const grid = { startMs: timeMs, stepMs: 1, count: 1, endMs: timeMs };
    return this.#run(query, times, grid, (context, plan) => {
      const evaluator = createEvaluator(context, plan.invariant);
      const root = unwrap(plan.expression);
      if (root.kind === 'range' || root.kind === 'subquery') return selectMatrix(root, grid, evaluator);
      const value = evaluator.evaluate(root, grid);
      if (value.type === 'scalar') return { type: 'scalar', timeMs, value: value.values[0] ?? Number.NaN };
      if (value.type === 'string') return { type: 'string', timeMs, value: value.text };
      return instantVector(value.columns, timeMs, context.settings);
    });
  }

  async queryRange(query: RangeQuery): Promise<QueryResult<Matrix>> {
    const { startMs, endMs, stepMs } = query;
    if (!(stepMs > 0))
      throw new PromqlError('execution', 'zero or negative query resolution step widths are not accepted');
    const grid = gridBetween(startMs, endMs, stepMs);
    const maxSteps = this.#options.maxSteps ?? MAX_STEPS;
    if (grid.count > maxSteps) {
      const how = 'Try decreasing the query resolution (?step=XX)';
      throw new PromqlError(
        'limit',
        `exceeded maximum resolution of ${maxSteps} points per timeseries. ${how}`,
      );
    }
    return this.#run(query, { startMs, endMs, stepMs }, grid, (context, plan) => {
      const type = valueTypeOf(plan.expression);
      if (type !== 'scalar' && type !== 'vector') {
        const must = 'must be Scalar or instant Vector';
        throw new PromqlError(
          'execution',
          `invalid expression type "${documentedType(type)}" for range query, ${must}`,
        );
      }
      if (grid.count === 0) return { type: 'matrix', series: [] };
      const value = createEvaluator(context, plan.invariant).evaluate(plan.expression, grid);
      return matrixOf(value, grid, context.settings);
    });
  }

  async #run<V extends QueryValue>(
    query: QueryInput,
    times: QueryTimes,
    grid: Grid,
    evaluate: (context: EvaluationContext, plan: ReturnType<typeof resolveExpression>) => V,
  ): Promise<QueryResult<V>> {
    const checkRunning = this.#watch(query);
    checkRunning();
    const expression = query.expression ?? this.parse(query.text ?? '');
    const text = query.text ?? formatExpression(expression, this.#options);
    const plan = resolveExpression(expression, times);
    const settings = this.#settings(query);
    const selections = planSelections(plan.expression, times, settings);
    const maxSeries = this.#options.maxSeries ?? MAX_SERIES;
    const annotations = new Annotations(text);
    const { data, answers } = await readSelections(
      selections,
      statisticsOnly(plan.expression),
      query.queryable,
      annotations,
      maxSeries,
      query.signal,
    ).catch((error: unknown) => {
      // A read that was cut short says so in words of its own.
      checkRunning();
      throw error;
    });
    const samples = new SampleBudget(settings.maxSamples);
    const memory = this.#memories.pop() ?? new ColumnMemory();
    try {
      checkRunning();
      const ahead = new Map<Expression, Column[]>();
      const context = { settings, annotations, data, samples, memory, checkRunning, ahead };
      const slice = grid.count > 0 ? this.#options.timeSlice?.() : undefined;
      if (slice) await evaluateAhead(plan, grid, createEvaluator(context, plan.invariant), slice, ahead);
      const value = evaluate(context, plan);
      const stats = { ...countRead(data), peakSamples: samples.peak };
      return { value, warnings: annotations.warnings, infos: annotations.infos, stats };
    } finally {
      // A value has nothing of what was read or computed, but copies.
      memory.reset();
      if (this.#memories.length < MAX_MEMORIES) this.#memories.push(memory);
      for (const answer of answers) query.queryable.release?.(answer);
    }
  }

  #settings(query: QueryInput): EvaluationSettings {
    const options = this.#options;
    return {
      lookbackMs: query.lookbackMs ?? options.lookbackMs ?? DEFAULT_LOOKBACK_MS,
      delayedNameRemoval: options.delayedNameRemoval ?? false,
      startTimestamps: options.startTimestamps ?? false,
      typeAndUnitLabels: options.typeAndUnitLabels ?? false,
      defaultSubqueryStepMs: options.defaultSubqueryStepMs ?? DEFAULT_SUBQUERY_STEP_MS,
      maxSamples: options.maxSamples ?? MAX_SAMPLES,
    };
  }

  /** A check that throws once the query is cancelled or has run out of time. */
  #watch({ signal, timeoutMs }: QueryInput): () => void {
    const { now } = this.#options;
    const deadline = now && timeoutMs !== undefined ? now() + timeoutMs : undefined;
    return () => {
      if (signal?.aborted) {
        const timedOut = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
        if (timedOut) throw new PromqlError('timeout', 'query timed out in expression evaluation');
        throw new PromqlError('canceled', 'query was canceled in expression evaluation');
      }
      if (deadline !== undefined && now && now() > deadline) {
        throw new PromqlError('timeout', 'query timed out in expression evaluation');
      }
    };
  }
}

function countRead(data: EvaluationContext['data']): { series: number; samplesRead: number } {
  const counts = { series: 0, samplesRead: 0 };
  for (const answer of data.values()) {
    counts.series += answer.length;
    for (const { timestamps } of answer) counts.samplesRead += timestamps.length;
  }
  return counts;
}
