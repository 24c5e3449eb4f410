import { describe, expect, it } from 'vitest';
import { randomOf, seedOf } from '../../../../../../test/support/budget.ts';
import { intersect } from './intersect.ts';

describe('intersect', () => {
  it('finds what both lists have', () => {
    expect(intersect([], [1, 2])).toEqual([]);
    expect(intersect([1, 2], [])).toEqual([]);
    expect(intersect([0], [0])).toEqual([0]);
    expect(intersect([1, 3, 5], [0, 1, 2, 5, 9])).toEqual([1, 5]);
    expect(intersect([7, 8], [1, 2, 3])).toEqual([]);
  });

  it('finds the same as a set does, however long and dense the lists are', () => {
    const random = randomOf(seedOf('intersect'));
    const list = (length: number, gap: number): number[] => {
      let at = 0;
      return Array.from({ length }, () => (at += 1 + Math.floor(random() * gap)));
    };
    for (let round = 0; round < 500; round++) {
      const [a, b] = [list(random() * 50, 1 + random() * 40), list(random() * 2000, 1 + random() * 4)];
      const known = new Set(b);
      expect(intersect(a, b)).toEqual(a.filter((number) => known.has(number)));
    }
  });
});
