import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { AgeClock } from './age-clock.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 6, 1);
const YEAR_2040_MS = Date.UTC(2040, 0, 1);

let wallMs: number;
let monotonicMs: number;
let lines: string[];
beforeEach(() => {
  wallMs = START_MS;
  monotonicMs = 5;
  lines = [];
});

function clock(newestMs: number | null): AgeClock {
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  return new AgeClock({ now: () => wallMs, log, newestMs, monotonicMs: () => monotonicMs });
}

function pass(ms: number): void {
  wallMs += ms;
  monotonicMs += ms;
}

describe('AgeClock', () => {
  it('is the wall clock, whatever it does within an hour', () => {
    const age = clock(null);
    for (const jumpMs of [0, 10, HOUR_MS - 1, -30 * HOUR_MS, -1, 5]) {
      pass(1000);
      wallMs += jumpMs;
      expect(age.now()).toBe(wallMs);
    }
    expect(lines).toEqual([]);
  });

  it('goes on where it was while the clock has jumped ahead, and says so once', () => {
    const age = clock(START_MS);
    wallMs = YEAR_2040_MS;
    expect(age.now()).toBe(START_MS);
    expect(lines).toHaveLength(1);
    pass(60_000);
    expect(age.now()).toBe(START_MS + 60_000);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/clock jumped \d+ hours ahead.*set the clock/);
    wallMs = START_MS + 61_000;
    monotonicMs += 1000;
    expect(age.now()).toBe(wallMs);
    wallMs = YEAR_2040_MS;
    expect(age.now()).toBe(START_MS + 61_000);
    expect(lines).toHaveLength(2);
  });

  it('believes a jump that has lasted for a day', () => {
    const age = clock(START_MS);
    wallMs = YEAR_2040_MS;
    age.now();
    pass(24 * HOUR_MS - 1);
    expect(age.now()).toBe(START_MS + 24 * HOUR_MS - 1);
    pass(1);
    expect(age.now()).toBe(wallMs);
    pass(HOUR_MS * 30);
    expect(age.now()).toBe(wallMs);
  });

  it('begins at the newest sample, which a clock may have left while nobody looked', () => {
    wallMs = YEAR_2040_MS;
    expect(clock(START_MS).now()).toBe(START_MS);
    expect(clock(null).now()).toBe(YEAR_2040_MS);
    expect(clock(YEAR_2040_MS + 1).now()).toBe(YEAR_2040_MS);
    // It may as well be right, and the telemetry old: there is nothing to be warned of.
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/"level":30.*newest telemetry is \d+ hours old/);
  });

  it('believes after a day that the telemetry it began with is old, and warns of a later jump', () => {
    wallMs = YEAR_2040_MS;
    const age = clock(START_MS);
    pass(24 * HOUR_MS);
    expect(age.now()).toBe(wallMs);
    expect(lines).toHaveLength(1);
    wallMs += 30 * HOUR_MS;
    expect(age.now()).toBe(wallMs - 30 * HOUR_MS);
    expect(lines[1]).toMatch(/"level":40.*clock jumped 30 hours ahead/);
  });
});
