import { describe, expect, test } from 'vitest';
import { priorityOf } from './catalogue.ts';
import { catalogueJsonSchema } from './file-schema.ts';
import { loadCatalogue } from './load-catalogue.ts';
import { ownersOf } from './owners.ts';

const CALENDAR = `
apiVersion: plimsoll/v1
kind: Calendar
metadata: {name: berlin-office}
spec:
  zone: Europe/Berlin
  hours: {mon-thu: [09:00-12:00, 13:00-17:00], fri: 09:00-15:00}
  holidays: [2026-12-25, 2026-01-01]
`;
const POLICY = `
apiVersion: plimsoll/v1
kind: EscalationPolicy
metadata: {name: follow-the-sun}
spec: {steps: [{after: 0s, channels: [chat]}, {after: 15m, channels: [phone]}]}
`;
const SERVICE = `
apiVersion: plimsoll/v1
kind: Service
metadata: {name: orders-db, displayName: Orders database}
spec:
  owner: team-orders
  tier: 1
  resources: ['{instance=~"db-.+",env="prod"}']
  dependsOn: [san-a]
  slo: {availability: 99.9, window: 30d}
  sla:
    calendar: {P1: 24x7, default: berlin-office}
    response: {P1: 15m, P2: 30m, P3: 4h, P4: 1d, P5: 2d}
    resolution: {P1: 4h, P2: 8h, P3: 2d, P4: 5d, P5: 10d}
  continuity:
    rto: 1h
    rpo: 15m
    backup: {lastSuccess: 'backup_last_success_timestamp_seconds{job="orders"}', every: 10m, duration: 2m}
    recoveryPlan: runbooks/orders-restore.md
    drillEvery: 180d
  capacity: {leadTime: 30d, headroom: 20%, costPerMonth: {host: 120, gibStorage: 0.08}, currency: EUR}
  escalation: follow-the-sun
  runbooks: [disk-full, failover]
`;

function errorsOf(...texts: string[]): readonly string[] {
  return loadCatalogue(texts.map((text, i) => ({ path: `f${i}.yaml`, text }))).errors;
}

test('reads services, calendars and policies from several documents', () => {
  const { catalogue, errors } = loadCatalogue([
    { path: 'a.yaml', text: `${CALENDAR}---\n${SERVICE}` },
    { path: 'b.yaml', text: POLICY },
  ]);
  expect(errors).toEqual([]);
  const [service, last] = catalogue.services;
  expect(last?.name).toBe('this-host');
  expect(service).toMatchObject({
    name: 'orders-db',
    tier: 1,
    agreed: true,
    sla: {
      calendars: { P1: '24x7', P4: 'berlin-office' },
      response: { P1: { days: 0, ms: 900_000 }, P4: { days: 1, ms: 0 } },
      pausedBy: ['caller'],
    },
    continuity: { rtoMs: 3_600_000, rpoMs: 900_000, backup: { durationMs: 120_000 } },
    capacity: { headroom: 0.2 },
  });
  expect(catalogue.calendars.get('berlin-office')).toMatchObject({
    week: [[{ fromMinute: 540, toMinute: 720 }, {}], {}, {}, {}, [{ toMinute: 900 }], [], []],
    holidays: ['2026-01-01', '2026-12-25'],
  });
  expect(catalogue.escalationPolicies.get('follow-the-sun')?.steps[1]?.afterMs).toBe(900_000);
});

test('a resource belongs to all services that select it, else to the built-in one', () => {
  const other = SERVICE.replace('orders-db', 'all-prod').replace('instance=~"db-.+",', '');
  const { catalogue } = loadCatalogue([
    { path: 'a', text: `${CALENDAR}---${POLICY}---${SERVICE}---${other}` },
  ]);
  const names = (labels: Record<string, string>): string[] =>
    ownersOf(catalogue, labels).map(({ name }) => name);
  expect(names({ instance: 'db-1', env: 'prod' })).toEqual(['orders-db', 'all-prod']);
  expect(names({ instance: 'web-1', env: 'prod' })).toEqual(['all-prod']);
  expect(names({ instance: 'xdb-1' })).toEqual(['this-host']);
});

describe('is refused with file, line and the nearest name', () => {
  test.each([
    [
      'an unknown key',
      SERVICE.replace('owner:', 'ownr:'),
      /^f0\.yaml:6:3: unknown key "ownr" in spec; did you mean "owner"\?/,
    ],
    [
      'an unknown nested key',
      SERVICE.replace('rto:', 'rtoo:'),
      /^f0\.yaml:16:5: unknown key "rtoo" in spec\.continuity; did you mean "rto"/,
    ],
    [
      'a missing key',
      SERVICE.replace('  owner: team-orders\n', ''),
      /^f0\.yaml:6:3: spec\.owner: is missing/,
    ],
    [
      'an unknown kind',
      SERVICE.replace('kind: Service', 'kind: Servise'),
      /^f0\.yaml:3:7: unknown kind "Servise"; did you mean "Service"/,
    ],
    [
      'a bad duration',
      SERVICE.replace('rto: 1h', 'rto: 1 hour'),
      /^f0\.yaml:16:10: spec\.continuity\.rto: must be a duration/,
    ],
    [
      'a tier that is none',
      SERVICE.replace('tier: 1', 'tier: 7'),
      /^f0\.yaml:7:9: spec\.tier: must be 1, 2, 3 or 4/,
    ],
    [
      'a bad selector',
      SERVICE.replace('{instance=~', '{instance~'),
      /^f0\.yaml:8:15: spec\.resources\.0: no selector/,
    ],
    ['a bad priority', SERVICE.replace('P5: 2d', 'P6: 2d'), /^f0\.yaml:13:\d+: .*P6/],
    ['no YAML', 'a: [', /^f0\.yaml:1:\d+: /],
  ])('%s', (_, text, message) => {
    const errors = errorsOf(text, CALENDAR, POLICY);
    expect(errors.join('\n')).toMatch(message);
  });

  test('names that lead nowhere', () => {
    expect(errorsOf(SERVICE, CALENDAR.replace('berlin-office', 'berlin-ofice'), POLICY)).toEqual([
      'f0.yaml:12:15: spec.sla.calendar: there is no calendar "berlin-office"; did you mean "berlin-ofice"?',
    ]);
    expect(errorsOf(SERVICE, CALENDAR)[0]).toMatch(
      /f0.yaml:22:15: .*no escalation policy "follow-the-sun"; there is none/,
    );
  });

  test('names given twice, a matrix that is not monotone, dependencies in a circle', () => {
    expect(errorsOf(SERVICE, SERVICE, CALENDAR, POLICY)[0]).toMatch(/^f1.yaml:4:18: .*a "orders-db" already/);
    const rows = '[[P1, P2, P3], [P3, P2, P4], [P3, P4, P5]]';
    expect(errorsOf(matrix(rows))).toEqual([
      expect.stringMatching(/^f0.yaml:5:20: .*impact 2 with urgency 1 is P3/),
    ]);
    expect(errorsOf(matrix('[[P1, P2, P3], [P3, P2]]'))).not.toEqual([]);
    expect(errorsOf(SERVICE.replace('san-a', 'orders-db'), CALENDAR, POLICY)[0]).toMatch(/depends on itself/);
  });

  test('calendars without work, with overlapping hours or in no zone', () => {
    expect(errorsOf(CALENDAR.replace(/hours: .*/, 'hours: {}'))[0]).toMatch(/at least one day/);
    expect(errorsOf(CALENDAR.replace('13:00-17:00', '11:00-17:00'))[0]).toMatch(/those of mon overlap/);
    expect(errorsOf(CALENDAR.replace('Europe/Berlin', 'Europe/Berlun'))[0]).toMatch(/no time zone is called/);
    expect(errorsOf(CALENDAR.replace('fri:', 'fry:'))[0]).toMatch(/f0.yaml:7:.*"fry" must be a day/);
  });
});

test('a matrix of its own is looked up', () => {
  const { catalogue } = loadCatalogue([
    { path: 'm', text: matrix('[[P1, P1, P2], [P2, P3, P3], [P4, P4, P5]]') },
  ]);
  expect(priorityOf(catalogue.matrix, 2, 1)).toBe('P2');
});

test('the schema for editors covers every kind', () => {
  expect(JSON.stringify(catalogueJsonSchema())).toMatch(
    /Service.*Calendar.*PriorityMatrix.*EscalationPolicy/,
  );
});

function matrix(rows: string): string {
  return `apiVersion: plimsoll/v1\nkind: PriorityMatrix\nmetadata: {name: ours}\nspec:\n  priorities:      ${rows}\n`;
}
