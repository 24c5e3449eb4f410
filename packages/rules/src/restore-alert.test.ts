import { Labels } from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';
import type { AlertState } from './alert-state.ts';
import { restoreAlert } from './restore-alert.ts';

const MINUTE = 60_000;
const pending: AlertState = {
  labels: Labels.of({ alertname: 'Full' }),
  annotations: {},
  value: 1,
  state: 'pending',
  activeAtMs: 100 * MINUTE,
  firedAtMs: null,
  resolvedAtMs: null,
  keepFiringSinceMs: null,
};

/** Active since minute 10, the collector last wrote at `lastMinute`, and runs again at minute 100. */
function restoredActiveAt(forMinutes: number, lastMinute: number): number {
  const stored = { timestampMs: lastMinute * MINUTE, value: 600 };
  return restoreAlert(pending, stored, forMinutes * MINUTE, 100 * MINUTE).activeAtMs / MINUTE;
}

describe('restoreAlert', () => {
  it('gives an alert that was firing its old start', () => {
    expect(restoredActiveAt(30, 60)).toBe(10);
  });

  it('does not count the time in between', () => {
    // 20 of 60 minutes were spent pending before the stop; 40 remain after it.
    expect(restoredActiveAt(60, 30)).toBe(80);
  });

  it('waits at least the grace period', () => {
    // 25 of 30 minutes were spent: ten remain, not five.
    expect(restoredActiveAt(30, 35)).toBe(80);
  });

  it('leaves short waits as they are', () => {
    expect(restoredActiveAt(5, 30)).toBe(100);
  });
});
