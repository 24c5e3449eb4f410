import { isMetadata } from '../evaluate/column.ts';
import { Labels } from '../labels.ts';
import type { Expression } from '../syntax/ast.ts';

/**
 * The labels of what `absent` reports: those its selector asks for with `=`; any further matcher on the same label
 * takes it out again.
 */
export function absentLabels(node: Expression): Labels {
  const selector = node.kind === 'range' ? node.selector : node;
  if (selector.kind !== 'selector') return Labels.EMPTY;
  const values = new Map<string, string>();
  const seen = new Set<string>();
  for (const { name, type, value } of selector.matchers) {
    if (isMetadata(name)) continue;
    if (type === '=' && !seen.has(name)) {
      values.set(name, value);
      seen.add(name);
    } else values.delete(name);
  }
  return Labels.fromEntries(values);
}
