import { describe, expect, it } from 'vitest';
import type { Incident, SlaClock } from '../api/types.ts';
import {
  incidentsOfRule,
  inWorkingOrder,
  nextDue,
  resolvedWhileFiring,
  secondsLeft,
  shareUsed,
} from './incidents.ts';

const noonMs = Date.parse('2026-03-27T12:00:00Z');
const clock = (change: Partial<SlaClock>): SlaClock => ({
  target: 900,
  dueAt: '2026-03-27T12:10:00Z',
  remaining: 600,
  state: 'running',
  ...change,
});

describe('secondsLeft', () => {
  it('counts down to the due time and on below zero', () => {
    expect(secondsLeft(clock({}), noonMs)).toBe(600);
    expect(secondsLeft(clock({ state: 'breached' }), noonMs + 660_000)).toBe(-60);
  });

  it('stands still on hold, and is nothing once the clock is done', () => {
    expect(secondsLeft(clock({ state: 'paused', dueAt: null, remaining: 123 }), noonMs)).toBe(123);
    expect(secondsLeft(clock({ state: 'met' }), noonMs)).toBeNull();
    expect(secondsLeft(null, noonMs)).toBeNull();
  });
});

describe('shareUsed', () => {
  it('goes by working time where that is less than the wall clock says', () => {
    expect(shareUsed(clock({}), noonMs)).toBeCloseTo(1 / 3);
    // Due tomorrow, with five working minutes left.
    expect(shareUsed(clock({ dueAt: '2026-03-28T09:00:00Z', remaining: 300 }), noonMs)).toBeCloseTo(2 / 3);
  });

  it('is full once the time is over', () => {
    expect(shareUsed(clock({ state: 'breached' }), noonMs + 3_600_000)).toBe(1);
  });
});

const incident = (change: Partial<Incident>) =>
  ({
    priority: 'P2',
    acknowledgedAt: null,
    sla: { response: clock({}), resolution: clock({ target: 7200, dueAt: '2026-03-27T14:00:00Z' }) },
    ...change,
  }) as Incident;

describe('open incidents', () => {
  it('look at the response until it is met, then at the resolution', () => {
    expect(nextDue(incident({}))?.kind).toBe('response');
    expect(nextDue(incident({ acknowledgedAt: '2026-03-27T11:59:00Z' }))?.kind).toBe('resolution');
    const done = clock({ state: 'met' });
    expect(nextDue(incident({ sla: { response: done, resolution: done } }))).toBeNull();
  });

  it('are worked on by priority, then by what is due first', () => {
    const late = incident({ title: 'late' });
    const soon = incident({
      title: 'soon',
      sla: { response: clock({ dueAt: '2026-03-27T12:01:00Z' }), resolution: clock({}) },
    });
    const urgent = incident({ title: 'urgent', priority: 'P1', acknowledgedAt: 'x' });
    expect(inWorkingOrder([late, soon, urgent]).map(({ title }) => title)).toEqual([
      'urgent',
      'soon',
      'late',
    ]);
  });
});

describe('resolvedWhileFiring', () => {
  it('holds for what a person resolved too early, until the condition clears', () => {
    expect(resolvedWhileFiring({ state: 'resolved', firing: true })).toBe(true);
    expect(resolvedWhileFiring({ state: 'resolved', firing: false })).toBe(false);
    expect(resolvedWhileFiring({ state: 'on_hold', firing: true })).toBe(false);
  });
});

describe('incidentsOfRule', () => {
  it('tells rules of one name apart by group and file, and leaves out what was opened by hand', () => {
    const rule = { file: 'a.yml', group: 'disks', name: 'Full' };
    const incidents = [
      { rule },
      { rule: { ...rule, file: 'b.yml' } },
      { rule: { ...rule, group: 'x' } },
      { rule: null },
    ];
    expect(incidentsOfRule(incidents, { file: 'a.yml', name: 'disks' }, 'Full')).toEqual([{ rule }]);
  });
});
