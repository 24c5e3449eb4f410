import type { VectorMatching } from '../syntax/ast.ts';
import type { Column } from './column.ts';
import { excludingKey, includingKey } from './grouping.ts';

/** Which series of two vectors belong together: equal numbers, from 0 on. */
export interface Signatures {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly count: number;
}

/** Numbers the match groups of two vectors, once for all steps. */
export function matchSignatures(
  left: readonly Column[],
  right: readonly Column[],
  matching: VectorMatching,
): Signatures {
  const names = [...matching.labels].sort();
  const keyOf = matching.on ? includingKey(names) : excludingKey(names);
  const numbers = new Map<string, number>();
  const numberOf = (column: Column): number => {
    const key = keyOf(column.labels);
    let number = numbers.get(key);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(key, number);
    }
    return number;
  };
  return {
    left: Int32Array.from(left, numberOf),
    right: Int32Array.from(right, numberOf),
    count: numbers.size,
  };
}
