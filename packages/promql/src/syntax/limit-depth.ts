import type { Expression } from './ast.ts';
import { PromqlParseError } from './position.ts';
import { childrenOf } from './visit.ts';

/**
 * The deepest tree accepted. Chains of operators grow a tree without any nesting in the text, and everything that
 * walks it recurses; the evaluator's stack was seen to end beyond 3,000 levels.
 */
const MAX_TREE_DEPTH = 1000;

/** Refuses trees that are too deep to be walked. It does not recurse itself. */
export function limitDepth(expression: Expression, text: string): void {
  let level: Expression[] = [expression];
  for (let depth = 1; level.length > 0; depth++) {
    const [first] = level;
    if (first && depth > MAX_TREE_DEPTH) {
      throw new PromqlParseError(
        `expression is deeper than ${MAX_TREE_DEPTH} operations`,
        first.position,
        text,
      );
    }
    level = level.flatMap(childrenOf);
  }
}
