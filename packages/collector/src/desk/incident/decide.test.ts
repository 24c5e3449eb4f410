import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load-catalogue.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { nextAdvanceMs } from './advance.ts';
import { assembleIncident } from './assemble.ts';
import type { Level } from '../json/common.ts';
import type { HoldReason } from '../json/incident.ts';
import type { IncidentAsk } from './command.ts';
import { decideIncident } from './decide.ts';
import type { IncidentEvent } from './event.ts';
import { evolveIncident } from './evolve.ts';
import type { IncidentState } from './state.ts';
import { incidentJson } from './to-json.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
/** A Monday, nine o'clock in Berlin. */
const T0 = Date.UTC(2026, 2, 23, 8);

const CATALOGUE = catalogueOf(`
apiVersion: plimsoll/v1
kind: Calendar
metadata: {name: office}
spec: {zone: Europe/Berlin, hours: {mon-fri: 09:00-17:00}}
---
apiVersion: plimsoll/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team-orders
  tier: 2
  resources: ['{job="orders"}']
  sla:
    calendar: {P1: 24x7, default: office}
    response: {P1: 15m, P2: 30m, P3: 4h, P4: 1d}
    resolution: {P1: 4h, P2: 8h, P3: 2d, P4: 5d}
  continuity: {rto: 1h, rpo: 15m}
`);

function catalogueOf(text: string): Catalogue {
  const { catalogue, errors } = loadCatalogue([{ path: 'test.yaml', text }]);
  expect(errors).toEqual([]);
  return catalogue;
}

/** An incident and the events that made it, driven by asks at given times. */
class Case {
  state: IncidentState;
  readonly events: IncidentEvent[] = [];

  constructor(severity: 'critical' | 'warning' = 'warning', restorableToMs: number | null = null) {
    const incident = assembleIncident(
      {
        id: 'i1',
        number: 1,
        title: 't',
        description: null,
        category: 'availability',
        severity,
        resources: [],
        labels: {},
        annotations: {},
        signature: 's',
        occurrence: 1,
        previous: null,
        conditions: { k: { severity, labels: {}, onsetAtMs: T0, evaluatedAtMs: T0 } },
        onsetAtMs: T0,
        uncertaintyMs: 0,
        detectedAtMs: T0,
        outage: true,
        rule: null,
        expression: null,
        value: 1,
        threshold: null,
        services: CATALOGUE.services.filter(({ name }) => name === 'orders'),
        restorableToMs: new Map([['orders', restorableToMs]]),
      },
      CATALOGUE,
      T0,
    );
    const [opened] = decideIncident(null, { type: 'open', incident }, T0);
    if (opened === undefined) throw new Error('nothing opened');
    this.events.push(opened);
    this.state = evolveIncident(null, opened);
  }

  ask(ask: IncidentAsk, nowMs: number): readonly string[] {
    const events = decideIncident(this.state, ask, nowMs);
    this.events.push(...events);
    this.state = events.reduce<IncidentState>(evolveIncident, this.state);
    return events.map(({ type }) => type.slice('incident.'.length));
  }

  json(nowMs: number) {
    return incidentJson(
      this.state,
      { timeline: [], knownErrors: [], forecast: null, nameOf: (id) => id },
      nowMs,
    );
  }
}

const recover = (atMs: number): IncidentAsk => ({
  type: 'recover',
  key: 'k',
  recoveredAtMs: atMs,
  evaluatedAtMs: atMs,
  uncertaintyMs: 0,
});
const reopen = (atMs: number): IncidentAsk => ({
  type: 'reopen',
  note: null,
  breach: {
    key: 'k',
    condition: { severity: 'warning', labels: {}, onsetAtMs: atMs, evaluatedAtMs: atMs },
    value: 2,
  },
});
const acknowledge: IncidentAsk = { type: 'acknowledge', note: null, by: 'p' };
const advance: IncidentAsk = { type: 'advance', closeAfterMs: DAY };

function hold(reason: HoldReason): IncidentAsk {
  return { type: 'hold', reason, note: 'n', by: null };
}

function change(impact: Level, urgency: Level): IncidentAsk {
  return { type: 'reprioritise', impact, urgency, note: 'n', matrix: CATALOGUE.matrix };
}

function berlin(local: string): string {
  return new Date(
    Temporal.PlainDateTime.from(local).toZonedDateTime('Europe/Berlin').epochMilliseconds,
  ).toISOString();
}

describe('clocks', () => {
  test('count the working time of the calendar', () => {
    const incident = new Case(); // tier 2 and a warning: P3, 4 h and 2 working days
    expect(incident.json(T0).sla).toEqual({
      response: { target: 14_400, dueAt: berlin('2026-03-23T13:00'), remaining: 14_400, state: 'running' },
      resolution: { target: 57_600, dueAt: berlin('2026-03-24T17:00'), remaining: 57_600, state: 'running' },
    });
  });

  test('pause only for the caller, by the working time paused', () => {
    const incident = new Case();
    incident.ask(acknowledge, T0);
    incident.ask(hold('vendor'), T0 + HOUR);
    expect(incident.json(T0 + HOUR).sla.resolution.state).toBe('running');
    incident.ask({ type: 'resume' }, T0 + 2 * HOUR);
    incident.ask(hold('caller'), T0 + 7 * HOUR); // Monday 16:00
    const paused = incident.json(T0 + 20 * HOUR).sla.resolution;
    expect(paused).toMatchObject({ state: 'paused', dueAt: null, remaining: 9 * 3_600 });
    incident.ask({ type: 'resume' }, T0 + 26 * HOUR); // Tuesday 11:00: three working hours later
    expect(incident.json(T0 + 26 * HOUR).sla.resolution.dueAt).toBe(berlin('2026-03-25T12:00'));
  });

  test('carry their pauses through a change of priority and calendar', () => {
    const incident = new Case();
    incident.ask(acknowledge, T0);
    incident.ask(hold('caller'), T0 + HOUR);
    incident.ask({ type: 'resume' }, T0 + 2 * HOUR);
    incident.ask(change(1, 1), T0 + 3 * HOUR);
    expect(incident.state).toMatchObject({ priority: 'P1', major: true });
    // Four hours around the clock from opening, and the hour paused.
    expect(incident.json(T0).sla.resolution).toMatchObject({
      target: 14_400,
      dueAt: berlin('2026-03-23T14:00'),
    });
    incident.ask(change(2, 2), T0 + 4 * HOUR);
    expect(incident.json(T0).sla.resolution.dueAt).toBe(berlin('2026-03-25T10:00'));
    expect(incident.json(T0).sla.response.state).toBe('met');
  });

  test('breached by a change of priority say so at once', () => {
    const incident = new Case();
    expect(incident.ask(change(1, 1), T0 + 5 * HOUR)).toEqual(['sla_breached', 'reprioritised']);
    expect(incident.ask(advance, T0 + 5 * HOUR)).toEqual(['sla_breached']);
    expect(incident.json(T0 + 5 * HOUR).sla).toMatchObject({
      response: { state: 'breached' },
      resolution: { state: 'breached', remaining: -3_600 },
    });
  });

  test('warn once each, also after a resume, and only the highest when several are due', () => {
    const incident = new Case();
    incident.ask(acknowledge, T0);
    expect(incident.ask(advance, T0 + 8 * HOUR)).toEqual(['sla_warned']);
    incident.ask(hold('caller'), T0 + 8 * HOUR);
    incident.ask({ type: 'resume' }, T0 + 25 * HOUR);
    expect(incident.ask(advance, T0 + 25 * HOUR)).toEqual([]);
    expect(incident.ask(advance, T0 + 33 * HOUR)).toEqual(['sla_warned']);
    expect(incident.events.at(-1)?.payload).toMatchObject({ percent: 90 });
    expect(incident.ask(advance, T0 + 5 * DAY)).toEqual(['sla_breached']);
    expect(incident.ask(advance, T0 + 9 * DAY)).toEqual([]);
  });

  test('keep a promise at the very moment it is due, and not a moment later', () => {
    const atDue = new Case();
    expect(atDue.ask(acknowledge, T0 + 4 * HOUR)).toEqual(['sla_warned', 'acknowledged']);
    expect(atDue.json(T0).sla.response).toMatchObject({ state: 'met', remaining: 0 });
    const late = new Case();
    expect(late.ask(acknowledge, T0 + 4 * HOUR + 1)).toEqual(['sla_breached', 'acknowledged']);
    expect(late.json(T0).sla.response.state).toBe('breached');
  });

  test('canceled by recovery go on after a reopening, the quiet time being a pause', () => {
    const incident = new Case();
    incident.ask(recover(T0 + HOUR), T0 + HOUR);
    expect(incident.json(T0).sla.response.state).toBe('canceled');
    incident.ask(reopen(T0 + 2 * HOUR), T0 + 2 * HOUR);
    expect(incident.state).toMatchObject({ state: 'new', recoveredAtMs: null, resolvedAtMs: null });
    expect(incident.json(T0 + 2 * HOUR).sla).toMatchObject({
      response: { state: 'running', remaining: 3 * 3_600, dueAt: berlin('2026-03-23T14:00') },
      resolution: { state: 'running', dueAt: berlin('2026-03-25T10:00') },
    });
  });
});

describe('continuity', () => {
  test('adds up outages and compares the backup’s age', () => {
    const incident = new Case('critical', T0 - 20 * MINUTE);
    expect(incident.json(T0).continuity).toEqual({
      rto: 3_600,
      rpo: 900,
      rtoDueAt: new Date(T0 + HOUR).toISOString(),
      achievedRecovery: null,
      rtoMet: null,
      backupAgeAtOnset: 1_200,
      rpoMet: false,
    });
    incident.ask(recover(T0 + 40 * MINUTE), T0 + 40 * MINUTE);
    expect(incident.json(T0).continuity).toMatchObject({ achievedRecovery: 2_400, rtoMet: true });
    incident.ask(reopen(T0 + 50 * MINUTE), T0 + 50 * MINUTE);
    expect(incident.json(T0 + 50 * MINUTE).continuity).toMatchObject({
      achievedRecovery: null,
      rtoDueAt: new Date(T0 + 70 * MINUTE).toISOString(),
    });
    incident.ask(recover(T0 + 80 * MINUTE), T0 + 80 * MINUTE);
    expect(incident.json(T0).continuity).toMatchObject({ achievedRecovery: 4_200, rtoMet: false });
  });

  test('a partial proof of life leaves the rest as downtime', () => {
    const incident = new Case();
    incident.ask(recover(T0 + HOUR), T0 + HOUR);
    incident.ask({ type: 'reclassify', fromMs: T0 + 30 * MINUTE, toMs: T0 + 2 * HOUR }, T0 + 2 * HOUR);
    expect(incident.state).toMatchObject({ unreachable: false });
    expect(incident.json(T0).continuity.achievedRecovery).toBe(1_800);
  });
});

test('a month of an incident is decided in milliseconds, each deadline told once', () => {
  const incident = new Case();
  let nowMs = T0;
  for (let looks = 0; looks < 100; looks++) {
    const nextMs = nextAdvanceMs(incident.state, DAY);
    if (nextMs === null) break;
    nowMs = nextMs;
    expect(incident.ask(advance, nowMs)).toHaveLength(1);
  }
  expect(incident.events).toHaveLength(1 + 8);
  incident.ask(recover(T0 + 30 * DAY), T0 + 30 * DAY);
  expect(incident.ask(advance, T0 + 31 * DAY)).toEqual(['closed']);
});

test('a higher priority whose target had passed before the hold breaches, whatever ends the incident', () => {
  const incident = new Case(); // P3, two working days
  incident.ask(hold('caller'), T0 + 5 * HOUR);
  incident.ask(change(1, 1), T0 + 6 * HOUR); // P1, 4 h
  incident.ask({ type: 'resolve', note: 'n', by: null }, T0 + 7 * HOUR);
  expect(incident.events.map(({ type }) => type)).toContain('incident.sla_breached');
  expect(incident.json(T0 + 7 * HOUR).sla.resolution).toMatchObject({ state: 'breached', remaining: -7_200 });
});

test('random work keeps its promises', () => {
  const reason = fc.constantFrom<HoldReason[]>('caller', 'vendor', 'change', 'problem').map(hold);
  const level = fc.constantFrom<Level[]>(1, 2, 3);
  const priority = fc.tuple(level, level).map(([impact, urgency]) => change(impact, urgency));
  const simple = fc.constantFrom<IncidentAsk>(
    acknowledge,
    advance,
    { type: 'resume' },
    { type: 'resolve', note: 'n', by: null },
    { type: 'close', note: null },
    { type: 'assign', assignee: 'p' },
  );
  const signal = fc.constantFrom('recover' as const, 'reopen' as const);
  const step = fc.tuple(fc.oneof(reason, priority, simple, signal), fc.integer({ min: 0, max: 3 * DAY }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const incident = new Case();
      let nowMs = T0;
      for (const [what, laterMs] of steps) {
        nowMs += laterMs;
        const ask = what === 'recover' ? recover(nowMs) : what === 'reopen' ? reopen(nowMs) : what;
        try {
          incident.ask(ask, nowMs);
        } catch (error) {
          expect(error).toMatchObject({ code: 'failed_precondition' });
        }
        checkClocks(incident, nowMs);
      }
      expect(incident.state.version).toBe(incident.events.length);
      const replayed = incident.events.reduce<IncidentState | null>(evolveIncident, null);
      expect(replayed).toEqual(incident.state);
    }),
    { numRuns: 150 },
  );
});

function checkClocks(incident: Case, nowMs: number): void {
  const { sla, resolvedAt } = incident.json(nowMs);
  for (const clock of [sla.response, sla.resolution]) {
    expect(clock.remaining ?? 0).toBeLessThanOrEqual(clock.target ?? 0);
    if (clock.state === 'running') expect(clock.remaining).toBeGreaterThanOrEqual(0);
    if (clock.state === 'met') expect(clock.remaining).toBeGreaterThanOrEqual(0);
    expect(clock.dueAt === null).toBe(clock.state === 'paused' || clock.state === null);
  }
  if (resolvedAt !== null) expect(['running', 'paused']).not.toContain(sla.resolution.state);
  if (incident.state.state === 'on_hold') expect(incident.state.hold).not.toBeNull();
}
