import type { Binary } from '../syntax/ast.ts';
import { ABSENT, type Column, copyStep, mergeSameLabels, newColumn, withoutEmpty } from './column.ts';
import type { Evaluator } from './evaluator.ts';
import type { Grid } from './grid.ts';
import { matchSignatures } from './signatures.ts';

/** Evaluates `and`, `or` and `unless`. */
export function evaluateSetOperator(
  node: Binary,
  left: readonly Column[],
  right: readonly Column[],
  grid: Grid,
  evaluator: Evaluator,
): Column[] {
  const signatures = matchSignatures(left, right, node.matching);
  const { count } = grid;
  if (node.operator !== 'or') {
    const inRight = presenceBySignature(right, signatures.right, signatures.count, count);
    return masked(left, signatures.left, inRight, count, node.operator === 'and');
  }
  const inLeft = presenceBySignature(left, signatures.left, signatures.count, count);
  const added = masked(right, signatures.right, inLeft, count, false);
  const both = [...left, ...added];
  return evaluator.context.settings.delayedNameRemoval && count === 1 ? both : mergeSameLabels(both);
}

/** For each signature and step whether any series is present. */
function presenceBySignature(
  columns: readonly Column[],
  signatures: Int32Array,
  signatureCount: number,
  steps: number,
): Uint8Array {
  const present = new Uint8Array(signatureCount * steps);
  for (const [index, { presence }] of columns.entries()) {
    const offset = (signatures[index] ?? 0) * steps;
    for (let step = 0; step < steps; step++) if (presence[step] !== ABSENT) present[offset + step] = 1;
  }
  return present;
}

/** The columns' steps at which their signature is, or is not, present on the other side. */
function masked(
  columns: readonly Column[],
  signatures: Int32Array,
  present: Uint8Array,
  steps: number,
  wanted: boolean,
): Column[] {
  const out = columns.map((column, index) => {
    const offset = (signatures[index] ?? 0) * steps;
    const result = newColumn(column.labels, steps, column.dropName);
    for (let step = 0; step < steps; step++) {
      if ((present[offset + step] === 1) === wanted) copyStep(column, result, step);
    }
    return result;
  });
  return withoutEmpty(out);
}
