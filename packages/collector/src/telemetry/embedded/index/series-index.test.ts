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
});
