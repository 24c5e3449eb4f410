import type { AtModifier, Span } from '../syntax/ast.ts';
import type { Grid } from './grid.ts';

/** Where in time a selector or subquery looks at the first step, and how far that moves with each step. */
export interface ReferenceTime {
  readonly firstMs: number;
  readonly stepMs: number;
}

/** The reference time under `@` and `offset`, whose expressions must have been resolved. */
export function referenceTime(
  node: { readonly at?: AtModifier; readonly offset?: Span },
  grid: Grid,
): ReferenceTime {
  const offsetMs = node.offset?.ms ?? 0;
  if (node.at?.kind === 'time') return { firstMs: node.at.timeMs - offsetMs, stepMs: 0 };
  return { firstMs: grid.startMs - offsetMs, stepMs: grid.stepMs };
}
