import { compareNanLast } from '../evaluate/aggregate-select.ts';
import { type Column, FLOAT } from '../evaluate/column.ts';
import type { Evaluator } from '../evaluate/evaluator.ts';
import { type Grid, isInstant } from '../evaluate/grid.ts';
import { Labels } from '../labels.ts';
import type { Call } from '../syntax/ast.ts';
import { argument, type InstantFunction, textArgument } from './instant-function.ts';
import { compareNatural } from './natural-order.ts';

function warnInRange(node: Call, grid: Grid, { context }: Evaluator): void {
  if (isInstant(grid)) return;
  const what = 'sort is ineffective for range queries since results are always ordered by labels';
  context.annotations.warn(what, node.position);
}

function byValue(sign: 1 | -1): InstantFunction {
  return (node, grid, evaluator) => {
    const columns = evaluator.vector(argument(node, 0), grid);
    warnInRange(node, grid, evaluator);
    const floats = columns
      .map(({ labels, values, presence, dropName }) => ({
        labels,
        values,
        presence: onlyFloats(presence),
        dropName,
      }))
      .filter(({ presence }) => presence.includes(FLOAT));
    if (!isInstant(grid)) return { type: 'vector', columns: floats };
    return {
      type: 'vector',
      columns: floats.sort((a, b) => compareNanLast(a.values[0] ?? 0, b.values[0] ?? 0, sign)),
    };
  };
}

function onlyFloats(presence: Uint8Array): Uint8Array {
  return presence.map((kind) => (kind === FLOAT ? FLOAT : 0));
}

function byLabels(sign: 1 | -1): InstantFunction {
  return (node, grid, evaluator) => {
    const columns = evaluator.vector(argument(node, 0), grid);
    warnInRange(node, grid, evaluator);
    const names = node.args.slice(1).map((_, index) => textArgument(node, index + 1));
    const compare = (a: Column, b: Column): number => {
      for (const name of names) {
        const order = compareNatural(a.labels.get(name), b.labels.get(name));
        if (order !== 0) return order * sign;
      }
      return Labels.compare(a.labels, b.labels) * sign;
    };
    return { type: 'vector', columns: columns.toSorted(compare) };
  };
}

export const SORT_FUNCTIONS: Readonly<Record<string, InstantFunction>> = {
  sort: byValue(1),
  sort_by_label: byLabels(1),
  sort_by_label_desc: byLabels(-1),
  sort_desc: byValue(-1),
};
