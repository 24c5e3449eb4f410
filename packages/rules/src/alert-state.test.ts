import { Labels } from '@plimsoll/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activeAlerts,
  type AlertCandidate,
  type AlertStates,
  evolveAlerts,
  RESOLVED_RETENTION_MS,
} from './alert-state.ts';

const MINUTE = 60_000;

function candidate(host = 'a', value = 1): AlertCandidate {
  return {
    labels: Labels.of({ alertname: 'Hot', instance: host }),
    annotations: { summary: `${value}` },
    value,
  };
}

/** Runs a rule over a history: one letter a minute, `x` where the condition holds, `.` where not, `-` no evaluation. */
function history(letters: string, timing: { forMs: number; keepFiringForMs: number }): string[] {
  let states: AlertStates = new Map();
  return Array.from(letters).map((letter, i) => {
    if (letter !== '-')
      states = evolveAlerts(states, letter === 'x' ? [candidate()] : [], timing, i * MINUTE);
    return [...states.values()].map(({ state }) => state).join() || 'none';
  });
}

describe('evolveAlerts', () => {
  it('fires at once without `for`', () => {
    expect(history('x.', { forMs: 0, keepFiringForMs: 0 })).toEqual(['firing', 'inactive']);
  });

  it('fires after the condition held for `for`', () => {
    const timing = { forMs: 2 * MINUTE, keepFiringForMs: 0 };
    expect(history('xxxx.', timing)).toEqual(['pending', 'pending', 'firing', 'firing', 'inactive']);
  });

  it('starts `for` again after a healthy evaluation, but not after a missed one', () => {
    const timing = { forMs: 2 * MINUTE, keepFiringForMs: 0 };
    expect(history('xx.xx', timing)).toEqual(['pending', 'pending', 'none', 'pending', 'pending']);
    expect(history('x-x', timing)).toEqual(['pending', 'pending', 'firing']);
  });

  it('keeps firing through flapping for `keep_firing_for`', () => {
    const timing = { forMs: 0, keepFiringForMs: 2 * MINUTE };
    expect(history('x.x..x', timing)).toEqual(Array.from({ length: 6 }, () => 'firing'));
    expect(history('x...', timing)).toEqual(['firing', 'firing', 'firing', 'inactive']);
  });

  it('does not keep a pending alert', () => {
    const timing = { forMs: 2 * MINUTE, keepFiringForMs: 9 * MINUTE };
    expect(history('x.', timing)).toEqual(['pending', 'none']);
  });

  it('forgets a resolved alert after the retention', () => {
    const timing = { forMs: 0, keepFiringForMs: 0 };
    let states = evolveAlerts(new Map(), [candidate()], timing, 0);
    states = evolveAlerts(states, [], timing, MINUTE);
    states = evolveAlerts(states, [], timing, MINUTE + RESOLVED_RETENTION_MS);
    expect(states.size).toBe(1);
    expect(evolveAlerts(states, [], timing, MINUTE + RESOLVED_RETENTION_MS + 1).size).toBe(0);
  });

  it('gives a condition that returns a new start', () => {
    const timing = { forMs: 0, keepFiringForMs: 0 };
    let states = evolveAlerts(new Map(), [candidate()], timing, 0);
    states = evolveAlerts(states, [], timing, MINUTE);
    states = evolveAlerts(states, [candidate()], timing, 2 * MINUTE);
    expect(activeAlerts(states)).toMatchObject([
      { activeAtMs: 2 * MINUTE, firedAtMs: 2 * MINUTE, resolvedAtMs: null },
    ]);
  });

  it('follows value and annotations while it fires', () => {
    const timing = { forMs: 0, keepFiringForMs: 0 };
    const first = evolveAlerts(new Map(), [candidate('a', 1)], timing, 0);
    const second = evolveAlerts(first, [candidate('a', 5)], timing, MINUTE);
    expect(activeAlerts(second)).toMatchObject([{ value: 5, annotations: { summary: '5' }, activeAtMs: 0 }]);
  });

  it('refuses two results with the same labels', () => {
    expect(() =>
      evolveAlerts(new Map(), [candidate(), candidate()], { forMs: 0, keepFiringForMs: 0 }, 0),
    ).toThrow('same labelset');
  });

  it('never fires before `for` and never forgets an alert whose condition holds', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 10 })), { maxLength: 40 });
    fc.assert(
      fc.property(steps, fc.nat(20), fc.nat(20), (rounds, forMinutes, keepMinutes) => {
        const timing = { forMs: forMinutes * MINUTE, keepFiringForMs: keepMinutes * MINUTE };
        let states: AlertStates = new Map();
        let atMs = 0;
        let heldSinceMs: number | null = null;
        for (const [holds, minutes] of rounds) {
          atMs += minutes * MINUTE;
          const firing = activeAlerts(states).some(({ state }) => state === 'firing');
          heldSinceMs = holds ? (heldSinceMs ?? atMs) : null;
          states = evolveAlerts(states, holds ? [candidate()] : [], timing, atMs);
          const [alert] = activeAlerts(states);
          if (holds) expect(alert).toBeDefined();
          if (alert?.state === 'firing' && !firing)
            expect(atMs - (heldSinceMs ?? atMs)).toBeGreaterThanOrEqual(timing.forMs);
        }
      }),
    );
  });
});
