import { describe, expect, it } from 'vitest';
import { withQuery } from './url-state.ts';
import {
  alignToStep,
  isMoving,
  parseRange,
  rangeNames,
  rangeQuery,
  resolveRange,
  stepFor,
} from './time-range.ts';

describe('a time range in the URL', () => {
  it('is read back as it was written', () => {
    const ranges = [
      ...rangeNames.map((name) => ({ kind: 'last', name }) as const),
      { kind: 'fixed', fromS: 1_700_000_000, toS: 1_700_003_600 } as const,
    ];
    for (const range of ranges) {
      const url = new URL(withQuery('/hosts/a?sort=x', rangeQuery(range)), 'http://localhost');
      expect(parseRange(Object.fromEntries(url.searchParams))).toEqual(range);
      expect(url.searchParams.get('sort')).toBe('x');
    }
  });

  it('falls back to the last hour where it makes no sense', () => {
    for (const query of [
      {},
      { range: '3w' },
      { from: '20', to: '10' },
      { from: 'x', to: '10' },
      { from: '5' },
    ]) {
      expect(parseRange(query)).toEqual({ kind: 'last', name: '1h' });
    }
  });
});

describe('stepFor', () => {
  it('keeps the points of a chart within what it can show', () => {
    for (const name of rangeNames) {
      const { startS, endS } = resolveRange({ kind: 'last', name }, 1_700_000_000_000);
      expect((endS - startS) / stepFor(startS, endS, 10)).toBeLessThanOrEqual(400);
    }
  });

  it('never asks for more than the host sends', () => {
    expect(stepFor(0, 900, 60)).toBe(60);
    expect(stepFor(0, 900, 1)).toBe(5);
  });

  it('rounds both ends to the step', () => {
    expect(alignToStep(1007, 2019, 10)).toEqual({ startS: 1000, endS: 2010 });
  });
});

describe('the window around a condition', () => {
  it('shows what was before it, and follows it while it lasts', () => {
    const open = { kind: 'firing', onsetS: 10_000, recoveredS: null } as const;
    expect(resolveRange(open, 10_060_000)).toEqual({ startS: 9100, endS: 10_060 });
    expect(resolveRange(open, 20_000_000)).toEqual({ startS: 5000, endS: 20_000 });
    expect([isMoving(open), isMoving({ ...open, recoveredS: 11_000 })]).toEqual([true, false]);
  });

  it('ends some time after it, but never in the future, and never spans more than a week', () => {
    const over = { kind: 'firing', onsetS: 10_000, recoveredS: 11_000 } as const;
    expect(resolveRange(over, 1e9).endS).toBe(11_900);
    expect(resolveRange(over, 11_100_000).endS).toBe(11_100);
    const long = { kind: 'firing', onsetS: 0, recoveredS: null } as const;
    const { startS, endS } = resolveRange(long, 3e9);
    expect(endS - startS).toBe(7 * 86_400);
  });
});
