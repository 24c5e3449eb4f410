import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroupClock } from './group-clock.ts';

describe('GroupClock', () => {
  it('keeps its phase over restarts and spreads groups', () => {
    const first = new GroupClock('a;b', 10_000, 1_000_000).nextMs;
    expect(new GroupClock('a;b', 10_000, 7_654_321).nextMs % 10_000).toBe(first % 10_000);
    const phases = Array.from({ length: 50 }, (_element, i) => new GroupClock(`g${i}`, 10_000, 0).nextMs);
    expect(new Set(phases).size).toBeGreaterThan(40);
  });

  it('counts slots nobody waited for, and goes on with the newest', () => {
    const clock = new GroupClock('g', 1000, 0);
    const first = clock.nextMs;
    expect(clock.take(first - 1)).toBeUndefined();
    expect(clock.take(first)).toEqual({ atMs: first, missed: 0 });
    expect(clock.take(first + 3500)).toEqual({ atMs: first + 3000, missed: 2 });
    expect(clock.nextMs).toBe(first + 4000);
  });

  it('starts over when the clock was set back', () => {
    const clock = new GroupClock('g', 1000, 1_000_000);
    expect(clock.take(500_000)).toBeUndefined();
    expect(clock.nextMs).toBeLessThanOrEqual(501_000);
  });

  it('takes each slot once, on time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5000), { minLength: 1 }),
        fc.integer({ min: 1, max: 3000 }),
        (waits, intervalMs) => {
          const clock = new GroupClock('g', intervalMs, 0);
          const start = clock.nextMs;
          let nowMs = 0;
          let slots = 0;
          for (const wait of waits) {
            nowMs += wait;
            const due = clock.take(nowMs);
            if (!due) continue;
            slots += due.missed + 1;
            expect(due.atMs).toBe(start + (slots - 1) * intervalMs);
            expect(nowMs - due.atMs).toBeLessThan(intervalMs);
          }
        },
      ),
    );
  });
});
