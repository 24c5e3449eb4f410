import type { Call, VectorSelector } from '../syntax/ast.ts';

const selections = new WeakMap<Call, VectorSelector>();

/** The selector of the info metrics a call of `info` reads. The same call always has the same selector. */
export function infoSelection(node: Call): VectorSelector {
  let selector = selections.get(node);
  if (!selector) {
    selector = { kind: 'selector', name: '', matchers: [], position: node.position };
    selections.set(node, selector);
  }
  return selector;
}
