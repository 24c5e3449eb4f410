import type { Labels } from '../labels.ts';
import type { Binary, VectorMatching } from '../syntax/ast.ts';
import { CHANGES_METRIC } from './binary-operators.ts';
import { quoteGo } from '../text/go-quote.ts';
import { dropMetadata, isMetadata } from './column.ts';

/** The labels two series are matched by. */
export function matchedLabels(labels: Labels, { on, labels: names }: VectorMatching): Labels {
  if (on) return labels.keep(...names);
  return labels.filter((name) => !names.includes(name) && !isMetadata(name));
}

/** The labels of a result: the "many" side's, with what `group_left` or `group_right` take from the other. */
export function resultLabels(node: Binary, many: Labels, one: Labels, dropName: boolean): Labels {
  const { matching } = node;
  let labels = dropName || CHANGES_METRIC.has(node.operator) ? dropMetadata(many) : many;
  if (matching.cardinality === 'one-to-one') {
    labels = matching.on ? labels.keep(...matching.labels) : labels.without(...matching.labels);
  }
  if (matching.include.length === 0) return labels;
  return labels.with(Object.fromEntries(matching.include.map((name) => [name, one.get(name)])));
}

/** Labels as Prometheus' messages show them: the name among the others. */
export function describeLabels(labels: Labels): string {
  const inner = Array.from(labels.entries(), ([name, value]) => `${name}=${quoteGo(value)}`);
  return `{${inner.join(', ')}}`;
}
