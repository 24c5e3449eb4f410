import { executionError } from '../errors.ts';
import { Labels } from '../labels.ts';
import type { Binary, VectorMatching } from '../syntax/ast.ts';
import { COMPARISONS } from '../syntax/check-types.ts';
import { describeLabels, matchedLabels, resultLabels } from './binary-labels.ts';
import { informIncompatible, type Operand, operateHistograms, SCALAR_OPERATORS } from './binary-operators.ts';
import {
  ABSENT,
  type Column,
  histogramAt,
  mergeSameLabels,
  type MutableColumn,
  newColumn,
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

/** One series of the "one" side as it stands at each step, joined from all series of its match group. */
interface OneSide {
  /** By step the index of the series present, -1 for none. */
  readonly present: Int32Array;
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
  readonly #byPair = new Map<string, MutableColumn>();
  readonly #empty: Column;

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
    this.#empty = newColumn(Labels.EMPTY, grid.count);
  }

  run(): Column[] {
    const one = this.#joinOneSide();
    for (const [index, column] of this.#many.entries()) {
      const group = this.#manyGroups[index] ?? 0;
      const side = one[group];
      for (let step = 0; step < this.#grid.count; step++) {
        if (column.presence[step] === ABSENT) continue;
        const other = side?.present[step] ?? -1;
        if (other >= 0) this.#operate(column, this.#one[other], index, other, group, step);
        else if (this.#fillOne !== undefined) this.#operate(column, undefined, index, -1, group, step);
      }
    }
    if (this.#fillMany !== undefined) this.#fillUnmatched();
    return this.#out;
  }

  #fillUnmatched(): void {
    for (const [index, column] of this.#one.entries()) {
      const group = this.#oneGroups[index] ?? 0;
      for (let step = 0; step < this.#grid.count; step++) {
        if (column.presence[step] === ABSENT || this.#matched[group * this.#grid.count + step] === 1)
          continue;
        this.#operate(undefined, column, -1, index, group, step);
      }
    }
  }

  #joinOneSide(): OneSide[] {
    const { count } = this.#grid;
    const sides = Array.from({ length: this.#groups }, () => ({ present: new Int32Array(count).fill(-1) }));
    for (const [index, column] of this.#one.entries()) {
      const side = sides[this.#oneGroups[index] ?? 0];
      if (!side) continue;
      for (let step = 0; step < count; step++) {
        if (column.presence[step] === ABSENT) continue;
        const other = side.present[step] ?? -1;
        if (other >= 0 && this.#matters(step)) this.#failDuplicate(column, this.#one[other]);
        side.present[step] = index;
      }
    }
    return sides;
  }

  /** Without a sample on the other side, and no fill, nothing is matched and no duplicate is in the way. */
  #matters(step: number): boolean {
    if (this.#fillMany !== undefined || this.#fillOne !== undefined) return true;
    return this.#many.some(({ presence }) => presence[step] !== ABSENT);
  }

  #failDuplicate(column: Column, other: Column | undefined): never {
    const group = describeLabels(matchedLabels(column.labels, this.#matching));
    const names = [column.labels, other?.labels ?? Labels.EMPTY].map(describeLabels).sort();
    const where = this.#swapped ? 'left' : 'right';
    throw executionError(
      `found duplicate series for the match group ${group} on the ${where} hand-side of the operation: ` +
        `[${names.join(', ')}];many-to-many matching not allowed: matching labels must be unique on one side`,
    );
  }

  #operate(
    many: Column | undefined,
    one: Column | undefined,
    manyIndex: number,
    oneIndex: number,
    group: number,
    step: number,
  ): void {
    const manyValue = many ? operandAt(many, step) : (this.#fillMany ?? 0);
    const oneValue = one ? operandAt(one, step) : (this.#fillOne ?? 0);
    const left = this.#swapped ? oneValue : manyValue;
    const right = this.#swapped ? manyValue : oneValue;
    const result = this.#apply(left, right);
    if (!result) return;
    const out = this.#pairColumn(many, one, manyIndex, oneIndex);
    this.#claim(out, group, step);
    if (this.#node.returnBool) setFloat(out, step, Number(result.keep));
    else if (result.keep) {
      if (typeof result.value === 'number') setFloat(out, step, result.value);
      else setHistogram(out, step, result.value);
    }
  }

  #apply(left: Operand, right: Operand): { value: Operand; keep: boolean } | undefined {
    const { operator, position } = this.#node;
    const remarks = { annotations: this.#evaluator.context.annotations, position };
    if (typeof left === 'number' && typeof right === 'number') {
      const operate = SCALAR_OPERATORS.get(operator);
      if (!operate) return informIncompatible(operator, left, right, remarks);
      const result = operate(left, right);
      return COMPARISONS.has(operator) ? { value: left, keep: result === 1 } : { value: result, keep: true };
    }
    const result = operateHistograms(operator, left, right, remarks);
    return result && { value: result.histogram, keep: result.keep };
  }

  /** The column of results of one pair of series. */
  #pairColumn(
    many: Column | undefined,
    one: Column | undefined,
    manyIndex: number,
    oneIndex: number,
  ): MutableColumn {
    const key = `${manyIndex},${oneIndex}`;
    let out = this.#byPair.get(key);
    if (!out) {
      const manyLabels = many?.labels ?? matchedLabels(one?.labels ?? this.#empty.labels, this.#matching);
      const oneLabels = one?.labels ?? matchedLabels(manyLabels, this.#matching);
      const late = this.#evaluator.context.settings.delayedNameRemoval;
      const labels = resultLabels(this.#node, manyLabels, oneLabels, this.#node.returnBool && !late);
      out = newColumn(labels, this.#grid.count, this.#node.returnBool);
      this.#byPair.set(key, out);
      this.#out.push(out);
    }
    return out;
  }

  /** Fails where a match group gives a second result, or the same result twice. */
  #claim(out: Column, group: number, step: number): void {
    const at = group * this.#grid.count + step;
    if (this.#matching.cardinality === 'one-to-one') {
      if (this.#matched[at] === 1) {
        const hint = 'many-to-one matching must be explicit (group_left/group_right)';
        throw executionError(`multiple matches for labels: ${hint}`);
      }
    } else {
      const key = `${group},${out.labels.key}`;
      let seen = this.#seenLabels.get(key);
      if (!seen) {
        seen = new Uint8Array(this.#grid.count);
        this.#seenLabels.set(key, seen);
      }
      if (seen[step] === 1)
        throw executionError('multiple matches for labels: grouping labels must ensure unique matches');
      seen[step] = 1;
    }
    this.#matched[at] = 1;
  }
}

function operandAt(column: Column, step: number): Operand {
  return histogramAt(column, step) ?? column.values[step] ?? 0;
}
