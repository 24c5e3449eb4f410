import { Labels, type Queryable, type SelectRequest } from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';
import { TickCache } from './tick-cache.ts';

function request(metric: string | null, startMs = 0): SelectRequest {
  return {
    matchers: metric === null ? [] : [{ name: '__name__', type: '=', value: metric }],
    startMs,
    endMs: 10,
  };
}

function counting(): { queryable: Queryable; reads: () => number } {
  let reads = 0;
  const queryable = {
    select: async () => {
      reads++;
      return [];
    },
  };
  return { queryable, reads: () => reads };
}

describe('TickCache', () => {
  it('reads the same series once, and others again', async () => {
    const { queryable, reads } = counting();
    const cache = new TickCache(queryable);
    const [first, second] = await Promise.all([cache.select(request('a')), cache.select(request('a'))]);
    expect(first).toBe(second);
    expect(reads()).toBe(1);
    await cache.select(request('b'));
    await cache.select(request('a', 5));
    expect(reads()).toBe(3);
  });

  it('reads without hints, so that one read serves all functions', async () => {
    const asked: SelectRequest[] = [];
    const cache = new TickCache({
      select: async (each) => {
        asked.push(each);
        return [];
      },
    });
    await cache.select({ ...request('a'), function: 'avg' });
    await cache.select({ ...request('a'), function: 'max_over_time', rangeMs: 10, stepMs: 0 });
    expect(asked).toEqual([request('a')]);
    await cache.select({ ...request('a'), rollups: true, function: 'quantile_over_time', rangeMs: 10 });
    await cache.select({ ...request('a'), rollups: true, function: 'rate', rangeMs: 10 });
    await cache.select({ ...request('a'), rollups: true, function: 'increase', rangeMs: 10, stepMs: 0 });
    expect(asked.slice(1)).toEqual([
      { ...request('a'), rollups: true, rangeMs: 10, function: 'quantile_over_time' },
      { ...request('a'), rollups: true, rangeMs: 10 },
    ]);
  });

  it('reads again what a rule wrote', async () => {
    const { queryable, reads } = counting();
    const cache = new TickCache(queryable);
    await cache.select(request('a'));
    await cache.select(request('b'));
    cache.wrote([{ labels: Labels.of({ __name__: 'a', host: 'x' }) }]);
    await cache.select(request('a'));
    await cache.select(request('b'));
    expect(reads()).toBe(3);
  });

  it('keeps nothing of selectors without a name', async () => {
    const { queryable, reads } = counting();
    const cache = new TickCache(queryable);
    await cache.select(request(null));
    await cache.select(request(null));
    expect(reads()).toBe(2);
  });
});
