import { describe, expect, it } from 'vitest';
import { thinningOf } from './thinning.ts';

const base = { matchers: [], startMs: 1_000_000, endMs: 1_600_000 };

describe('thinningOf', () => {
  it('asks for all where nothing is said, or a sample after the last time would be lost', () => {
    expect(thinningOf(base).kind).toBe('all');
    expect(thinningOf({ ...base, stepMs: 60_000, rangeMs: 0 }).kind).toBe('all');
    const newest = { firstMs: 1_500_000, stepMs: 0, count: 1 };
    expect(thinningOf({ ...base, instants: newest }).kind).toBe('all');
    const windows = { firstMs: 1_300_000, stepMs: 60_000, count: 3 };
    expect(thinningOf({ ...base, instants: windows }).kind).toBe('all');
    const short = { firstMs: 1_300_000, stepMs: 1000, count: 301 };
    expect(thinningOf({ ...base, instants: short }).kind).toBe('all');
  });

  it('asks for the newest at one time', () => {
    const instants = { firstMs: 1_600_000, stepMs: 0, count: 1 };
    expect(thinningOf({ ...base, instants }).kind).toBe('newest');
  });

  it('counts windows that end at the times, none of them negative', () => {
    const thinning = thinningOf({ ...base, instants: { firstMs: 1_300_000, stepMs: 60_000, count: 6 } });
    if (thinning.kind !== 'windows') throw new Error('there are windows');
    const [, origin, width] = /::long - (\d+)\) \/ (\d+)$/.exec(thinning.window) ?? [];
    const windowOf = (ms: number) => Math.trunc((ms * 1000 - Number(origin)) / Number(width));
    expect(windowOf(1_300_000) + 1).toBe(windowOf(1_300_001));
    expect(windowOf(1_300_001)).toBe(windowOf(1_360_000));
    expect(windowOf(base.startMs)).toBeGreaterThanOrEqual(0);
    expect(base.startMs * 1000).toBeGreaterThan(Number(origin));
  });
});
