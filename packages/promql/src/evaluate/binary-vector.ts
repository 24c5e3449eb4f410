import { executionError } from '../errors.ts';
import { Labels } from '../labels.ts';
import type { Binary, VectorMatching } from '../syntax/ast.ts';
import { COMPARISONS } from '../syntax/check-types.ts';
import { describeLabels, matchedLabels, resultLabels } from './binary-labels.ts';
import { informIncompatible, type Operand, operateHistograms, SCALAR_OPERATORS } from './binary-operators.ts';
import {
  ABSENT,
  type Column,
  ColumnFactory,
  histogramAt,
  mergeSameLabels,
  type MutableColumn,
  setFloat,
  setHistogram,
  withoutEmpty,
} from './column.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';
import { matchSignatures } from './signatures.ts';

/** Evaluates arithmetic and comparisons between two instant vectors. */
export function evaluateVectorVector(
  node: Binary,
  left: readonly Column[],
  right: readonly Column[],
  grid: Grid,
  evaluator: Evaluator,
): Column[] {
  const columns = new VectorOperation(node, left, right, grid, evaluator).run();
  const unchecked = evaluator.context.settings.delayedNameRemoval && grid.count === 1;
  return unchecked ? withoutEmpty(columns) : mergeSameLabels(withoutEmpty(columns));
}

/** Two series that are matched; one may be a fill value. */
interface Pair {
  readonly many: Column | undefined;
  readonly one: Column | undefined;
  readonly out: MutableColumn;
  readonly group: number;
  /** By step whether the match group has given these labels already; needed where several may match. */
  readonly seen: Uint8Array | undefined;
}

class VectorOperation {
  readonly #node: Binary;
  readonly #matching: VectorMatching;
  readonly #grid: Grid;
  readonly #evaluator: Evaluator;
  /** The "many" side, and the "one" side; for one-to-many these are right and left. */
  readonly #many: readonly Column[];
  readonly #one: readonly Column[];
  readonly #manyGroups: Int32Array;
  readonly #oneGroups: Int32Array;
  readonly #groups: number;
  readonly #swapped: boolean;
  readonly #fillMany: number | undefined;
  readonly #fillOne: number | undefined;
  /** By group and step whether any pair was matched already. */
  readonly #matched: Uint8Array;
  readonly #seenLabels = new Map<string, Uint8Array>();
  readonly #out: MutableColumn[] = [];
  readonly #columns: ColumnFactory;
  readonly #operator: ((left: number, right: number) => number) | undefined;
  /** A comparison that keeps the left value where it holds. */
  readonly #filters: boolean;
  /** What is wrong with the matching at the earliest step where something is; nothing is evaluated from there on. */
  #failure: { readonly step: number; readonly error: Error } | undefined;

  constructor(
    node: Binary,
    left: readonly Column[],
    right: readonly Column[],
    grid: Grid,
    evaluator: Evaluator,
  ) {
    const { matching } = node;
    this.#node = node;
    this.#matching = matching;
    this.#grid = grid;
    this.#columns = new ColumnFactory(
      grid.count,
      Math.max(left.length, right.length),
      evaluator.context.memory,
    );
    this.#evaluator = evaluator;
    const signatures = matchSignatures(left, right, matching);
    this.#swapped = matching.cardinality === 'one-to-many';
    this.#many = this.#swapped ? right : left;
    this.#one = this.#swapped ? left : right;
    this.#manyGroups = this.#swapped ? signatures.right : signatures.left;
    this.#oneGroups = this.#swapped ? signatures.left : signatures.right;
    this.#groups = signatures.count;
    this.#fillMany = this.#swapped ? matching.fillRight : matching.fillLeft;
    this.#fillOne = this.#swapped ? matching.fillLeft : matching.fillRight;
    this.#matched = new Uint8Array(signatures.count * grid.count);
    this.#operator = SCALAR_OPERATORS.get(node.operator);
    this.#filters = COMPARISONS.has(node.operator) && !node.returnBool;
  }

  run(): Column[] {
    const present = this.#joinOneSide();
    let index = 0;
    for (const column of this.#many) {
      const group = this.#manyGroups[index++] ?? 0;
      this.#runSeries(column, group, present);
    }
    if (this.#fillMany !== undefined) this.#fillUnmatched();
    if (this.#failure) throw this.#failure.error;
    return this.#out;
  }

  /** Each step is matched before the next one: of several failures the earliest counts, the first of a step. */
  #fail(step: number, message: string): void {
    if (this.#isSound(step)) this.#failure = { step, error: executionError(message) };
  }

  #isSound(step: number): boolean {
    return this.#failure === undefined || step < this.#failure.step;
  }

  /** One series of the "many" side. As long as its partner stays the same, so does the result's column. */
  #runSeries(column: Column, group: number, present: Int32Array): void {
    const { count } = this.#grid;
    const pairs = count > 1 ? new Map<number, Pair>() : undefined;
    let partner = -2;
    let pair: Pair | undefined;
    for (let step = 0; step < count; step++) {
      if (column.presence[step] === ABSENT) continue;
      const other = present[group * count + step] ?? -1;
      if (other < 0 && this.#fillOne === undefined) continue;
      if (other !== partner || !pair) {
        partner = other;
        pair = pairs?.get(other) ?? this.#pair(column, this.#one[other], group);
        pairs?.set(other, pair);
      }
      this.#operate(pair, step);
    }
  }

  #fillUnmatched(): void {
    for (const [index, column] of this.#one.entries()) {
      const group = this.#oneGroups[index] ?? 0;
      const pair = this.#pair(undefined, column, group);
      for (let step = 0; step < this.#grid.count; step++) {
        if (column.presence[step] === ABSENT || this.#matched[group * this.#grid.count + step] === 1)
          continue;
        this.#operate(pair, step);
      }
    }
  }

  /** By match group and step the index of the series of the "one" side that is present, -1 for none. */
  #joinOneSide(): Int32Array {
    const { count } = this.#grid;
    const present = new Int32Array(this.#groups * count).fill(-1);
    let index = 0;
    for (const column of this.#one) {
      const offset = (this.#oneGroups[index] ?? 0) * count;
      for (let step = 0; step < count; step++) {
        if (column.presence[step] === ABSENT) continue;
        const other = present[offset + step] ?? -1;
        if (other >= 0 && this.#matters(step)) this.#failDuplicate(step, column, this.#one[other]);
        present[offset + step] = index;
      }
      index++;
    }
    return present;
  }

  /** Without a sample on the other side, and no fill, nothing is matched and no duplicate is in the way. */
  #matters(step: number): boolean {
    if (this.#fillMany !== undefined || this.#fillOne !== undefined) return true;
    return this.#many.some(({ presence }) => presence[step] !== ABSENT);
  }

  #failDuplicate(step: number, column: Column, other: Column | undefined): void {
    const group = describeLabels(matchedLabels(column.labels, this.#matching));
    const names = [column.labels, other?.labels ?? Labels.EMPTY].map(describeLabels).sort();
    const where = this.#swapped ? 'left' : 'right';
    this.#fail(
      step,
      `found duplicate series for the match group ${group} on the ${where} hand-side of the operation: ` +
        `[${names.join(', ')}];many-to-many matching not allowed: matching labels must be unique on one side`,
    );
  }

  #operate(pair: Pair, step: number): void {
    if (!this.#isSound(step)) return;
    const manyValue = operandAt(pair.many, step, this.#fillMany);
    const oneValue = operandAt(pair.one, step, this.#fillOne);
    const left = this.#swapped ? oneValue : manyValue;
    const right = this.#swapped ? manyValue : oneValue;
    if (typeof left === 'number' && typeof right === 'number' && this.#operator) {
      this.#claim(pair, step);
      const value = this.#operator(left, right);
      if (!this.#filters) setFloat(pair.out, step, value);
      else if (value === 1) setFloat(pair.out, step, left);
      return;
    }
    const result = this.#apply(left, right);
    if (!result) return;
    this.#claim(pair, step);
    if (this.#node.returnBool) setFloat(pair.out, step, Number(result.keep));
    else if (result.keep) setHistogram(pair.out, step, result.histogram);
  }

  /** An operation that is not one on two floats. */
  #apply(left: Operand, right: Operand): ReturnType<typeof operateHistograms> {
    const { operator, position } = this.#node;
    const remarks = { annotations: this.#evaluator.context.annotations, position };
    const floats = typeof left === 'number' && typeof right === 'number';
    return floats
      ? informIncompatible(operator, left, right, remarks)
      : operateHistograms(operator, left, right, remarks);
  }

  /** Two series that are matched, with the column of their results. */
  #pair(many: Column | undefined, one: Column | undefined, group: number): Pair {
    const manyLabels = many?.labels ?? matchedLabels(one?.labels ?? Labels.EMPTY, this.#matching);
    const oneLabels = one?.labels ?? matchedLabels(manyLabels, this.#matching);
    const late = this.#evaluator.context.settings.delayedNameRemoval;
    const labels = resultLabels(this.#node, manyLabels, oneLabels, this.#node.returnBool && !late);
    const out = this.#columns.make(labels, this.#node.returnBool);
    this.#out.push(out);
    if (this.#matching.cardinality === 'one-to-one') return { many, one, out, group, seen: undefined };
    const key = `${group},${labels.key}`;
    const seen = this.#seenLabels.get(key) ?? new Uint8Array(this.#grid.count);
    this.#seenLabels.set(key, seen);
    return { many, one, out, group, seen };
  }

  /** Fails where a match group gives a second result, or the same result twice. */
  #claim({ group, seen }: Pair, step: number): void {
    const at = group * this.#grid.count + step;
    if (seen) {
      if (seen[step] === 1) {
        this.#fail(step, 'multiple matches for labels: grouping labels must ensure unique matches');
      }
      seen[step] = 1;
    } else if (this.#matched[at] === 1) {
      const hint = 'many-to-one matching must be explicit (group_left/group_right)';
      this.#fail(step, `multiple matches for labels: ${hint}`);
    }
    this.#matched[at] = 1;
  }
}

/** A sample of a series, or the fill value where there is no series. */
function operandAt(column: Column | undefined, step: number, fill: number | undefined): Operand {
  if (!column) return fill ?? 0;
  return (column.histograms && histogramAt(column, step)) ?? column.values[step] ?? 0;
}
