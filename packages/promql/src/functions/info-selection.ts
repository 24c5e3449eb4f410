import { METRIC_NAME } from '../labels.ts';
import type { Matcher } from '../queryable.ts';
import type { AtModifier, Call, Expression, VectorSelector } from '../syntax/ast.ts';
import { valueTypeOf } from '../syntax/value-type.ts';
import { childrenOf } from '../syntax/visit.ts';

const selections = new WeakMap<Call, VectorSelector>();

/** The selector of the info metrics a resolved call of `info` reads. The same call always has the same selector. */
export function infoSelection(node: Call): VectorSelector {
  let selector = selections.get(node);
  if (!selector) {
    const { names, data } = infoMatchers(node);
    const reference = sharedReference(node.args[0]);
    selector = {
      kind: 'selector',
      name: '',
      matchers: [...names, ...data],
      position: node.position,
      offset: { ms: reference?.offsetMs ?? 0 },
      ...(reference?.at && { at: reference.at }),
    };
    selections.set(node, selector);
  }
  return selector;
}

/** What info metrics, and which of their labels, a call of `info` asks for. */
export function infoMatchers(node: Call): { names: readonly Matcher[]; data: readonly Matcher[] } {
  const [, selector] = node.args;
  const matchers = selector?.kind === 'selector' ? selector.matchers : [];
  const names = matchers.filter(({ name }) => name === METRIC_NAME);
  return { names: effectiveNames(names), data: matchers.filter(({ name }) => name !== METRIC_NAME) };
}

function effectiveNames(names: readonly Matcher[]): readonly Matcher[] {
  if (names.some(({ type }) => type === '=' || type === '=~')) return names;
  // Told only what not to take, take the rest of what is called an info metric.
  if (names.length > 0) return [{ name: METRIC_NAME, type: '=~', value: '.+_info' }, ...names];
  return [{ name: METRIC_NAME, type: '=', value: 'target_info' }];
}

interface Reference {
  readonly at: AtModifier | undefined;
  readonly offsetMs: number;
}

/** The time all selectors of an expression look at; undefined where they do not agree, or part of it has none. */
function sharedReference(expression: Expression | undefined): Reference | undefined {
  if (!expression) return undefined;
  const found: Reference[] = [];
  if (!collectReferences(expression, [], found)) return undefined;
  const [first, ...others] = found;
  return first && others.every((other) => sameReference(first, other)) ? first : undefined;
}

function sameReference(a: Reference, b: Reference): boolean {
  if (a.at?.kind === 'time' && b.at?.kind === 'time')
    return a.at.timeMs - a.offsetMs === b.at.timeMs - b.offsetMs;
  return !a.at && !b.at && a.offsetMs === b.offsetMs;
}

/** Collects the references of all selectors; false where a vector comes from no selector at all. */
function collectReferences(node: Expression, path: readonly Expression[], found: Reference[]): boolean {
  if (node.kind === 'selector') {
    found.push(referenceOf(node, path));
    return true;
  }
  const inside = [...path, node];
  const children = node.kind === 'call' && node.name === 'info' ? node.args.slice(0, 1) : childrenOf(node);
  const vectors = children.filter((child) => ['vector', 'matrix'].includes(valueTypeOf(child)));
  return vectors.length > 0 && vectors.every((child) => collectReferences(child, inside, found));
}

/** Subqueries around a selector shift its time, until an `@` fixes it. */
function referenceOf(selector: VectorSelector, path: readonly Expression[]): Reference {
  let { at } = selector;
  let offsetMs = selector.offset?.ms ?? 0;
  for (const parent of path.toReversed()) {
    if (at) break;
    if (parent.kind !== 'subquery') continue;
    offsetMs += parent.offset?.ms ?? 0;
    at = parent.at;
  }
  return { at, offsetMs };
}
