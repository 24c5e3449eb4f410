import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Runtime } from '../runtime.ts';
import { GroupScheduler } from './group-scheduler.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const runtime = { now: () => Date.now() } as Runtime;

describe('GroupScheduler', () => {
  it('runs at each slot, never two at a time, and counts what it left out', async () => {
    const ticks: number[] = [];
    let missed = 0;
    let running = 0;
    const scheduler = new GroupScheduler(runtime, {
      identity: 'g',
      intervalMs: 1000,
      tick: async (atMs) => {
        ticks.push(atMs);
        expect(++running).toBe(1);
        // The second run takes three and a half intervals.
        await vi.advanceTimersByTimeAsync(0);
        if (ticks.length === 2) vi.setSystemTime(Date.now() + 3500);
        running--;
      },
      onMissed: (count) => {
        missed += count;
      },
    });
    await vi.advanceTimersByTimeAsync(3000);
    await scheduler[Symbol.asyncDispose]();
    const [first = 0, second = 0, third = 0] = ticks;
    expect(second - first).toBe(1000);
    expect(third - second).toBe(1000 * (missed + 1));
    expect(missed).toBe(2);
    const { length } = ticks;
    await vi.advanceTimersByTimeAsync(5000);
    expect(ticks).toHaveLength(length);
  });

  it('lets the run under way end before it stops', async () => {
    let ended = false;
    const release = Promise.withResolvers<void>();
    const scheduler = new GroupScheduler(runtime, {
      identity: 'g',
      intervalMs: 1000,
      tick: async () => {
        await release.promise;
        ended = true;
      },
      onMissed: () => undefined,
    });
    await vi.advanceTimersByTimeAsync(1000);
    const stopped = scheduler[Symbol.asyncDispose]();
    release.resolve();
    await stopped;
    expect(ended).toBe(true);
  });
});
