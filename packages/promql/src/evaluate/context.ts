import { PromqlError } from '../errors.ts';
import type { SeriesColumns } from '../queryable.ts';
import type { Expression, VectorSelector } from '../syntax/ast.ts';
import type { Annotations } from './annotations.ts';
import type { Column } from './column.ts';
import type { ColumnMemory } from './column-memory.ts';

/** How an engine evaluates. */
export interface EvaluationSettings {
  /** How far back an instant selector looks for a sample. */
  readonly lookbackMs: number;
  /** Keep `__name__` until the end of the query, so that operations in between see it. */
  readonly delayedNameRemoval: boolean;
  /** Use start timestamps to detect counter resets. */
  readonly startTimestamps: boolean;
  /** Metrics carry their type and unit as labels. */
  readonly typeAndUnitLabels: boolean;
  /** The step of subqueries that give none. */
  readonly defaultSubqueryStepMs: number;
  /** How many samples a query may hold at a time. */
  readonly maxSamples: number;
}

/** What all nodes of one evaluation share. */
export interface EvaluationContext {
  readonly settings: EvaluationSettings;
  readonly annotations: Annotations;
  /** The series each selector was answered with. */
  readonly data: ReadonlyMap<VectorSelector, readonly SeriesColumns[]>;
  readonly samples: SampleBudget;
  /** For columns; an answer has copies. */
  readonly memory: ColumnMemory;
  /** Calls that were evaluated before everything else. */
  readonly ahead: ReadonlyMap<Expression, Column[]>;
  /** Throws where the query was cancelled or has run out of time. */
  readonly checkRunning: () => void;
}

/** Counts the samples a query holds in memory. */
export class SampleBudget {
  readonly #max: number;
  current = 0;
  peak = 0;
  /** Samples read from storage, for statistics. */
  read = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes more samples. Throws where the query now holds more than it may. */
  add(count: number): void {
    this.current += count;
    if (this.current > this.peak) this.peak = this.current;
    if (this.current <= this.#max) return;
    const what = 'query processing would load too many samples into memory in query execution';
    throw new PromqlError('limit', what);
  }
}
