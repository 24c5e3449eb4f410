import { Labels } from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';
import { matchSeries } from './match-series.ts';
import { SeriesIndex } from './series-index.ts';

const labelsOf = (i: number) => Labels.of({ __name__: `m${i % 3}`, i: String(i) });

describe('SeriesIndex', () => {
  it('finds every label set it was given, and no other, while it grows', () => {
    const index = new SeriesIndex();
    for (let i = 0; i < 5000; i++) expect(index.add(labelsOf(i))).toBe(i);
    expect(index.size).toBe(5000);
    for (let i = 0; i < 5000; i++) expect(index.find(labelsOf(i))).toBe(i);
    expect(index.find(labelsOf(5000))).toBeUndefined();
    expect(matchSeries(index, [{ name: '__name__', type: '=', value: 'm1' }])).toHaveLength(1667);
  });

  it('retires series and revives them under their number, in order', () => {
    const index = new SeriesIndex();
    for (let i = 0; i < 9; i++) index.add(labelsOf(i));
    index.retire(new Set([0, 3, 4]));
    const named = () => matchSeries(index, [{ name: '__name__', type: '=', value: 'm0' }]);
    expect(index.size).toBe(6);
    expect(named()).toEqual([6]);
    expect(index.find(labelsOf(3))).toBeUndefined();
    expect(index.revive(3)).toBe(true);
    expect(index.revive(3)).toBe(false);
    expect(named()).toEqual([3, 6]);
    expect(index.find(labelsOf(3))).toBe(3);
    expect(index.add(labelsOf(0))).toBe(9);
    expect(index.revive(0)).toBe(false);
    expect(named()).toEqual([3, 6, 9]);
  });

  it('leaves a list of series as it is for who reads it, whatever is added', () => {
    const index = new SeriesIndex();
    for (let i = 0; i < 9; i++) index.add(labelsOf(i));
    const named = () => matchSeries(index, [{ name: '__name__', type: '=', value: 'm0' }]);
    const before = named();
    index.add(labelsOf(9));
    expect(before).toEqual([0, 3, 6]);
    expect(named()).toEqual([0, 3, 6, 9]);
  });

  it('finds what is there while series come and go in parts', () => {
    const index = new SeriesIndex();
    const there = new Map<number, number>();
    let next = 0;
    for (let round = 0; round < 60; round++) {
      for (let i = 0; i < 200; i++, next++) there.set(next, index.add(labelsOf(next)));
      const gone = [...there].filter(([n]) => (n * 7 + round) % 5 < 3);
      for (const [n] of gone) there.delete(n);
      index.retire(new Set(gone.map(([, ref]) => ref)));
      for (const [n] of gone) expect(index.find(labelsOf(n))).toBeUndefined();
      for (const [n, ref] of gone.slice(0, 10)) if (index.revive(ref)) there.set(n, ref);
      for (const [n, ref] of there) expect(index.find(labelsOf(n))).toBe(ref);
      expect(index.size).toBe(there.size);
    }
  });
});
