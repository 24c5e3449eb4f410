import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test, vi } from 'vitest';
import { builtinCatalogue, DEFAULT_MATRIX } from '../catalogue/builtin.ts';
import { loadCatalogue } from '../catalogue/load-catalogue.ts';
import { PlimsollError } from '../errors.ts';
import { verifyJournal } from './journal/verify-journal.ts';
import { incidentJsonSchema } from './json/incident.ts';
import { problemJsonSchema } from './json/problem.ts';
import { serviceJsonSchema } from './json/service.ts';
import { DAY, HOST_DOWN, HOUR, MINUTE, T0, breach, recovery, testDesk } from './testing.ts';

// Every write waits for the disk, which other suites may keep busy.
vi.setConfig({ testTimeout: 60_000 });

const ALICE = { actor: { kind: 'user', id: 'alice' } } as const;

describe('a breach', () => {
  test('opens an incident with every field, once', async () => {
    await using bench = await testDesk();
    const { desk } = bench;
    await desk.signal(breach(T0));
    const events = desk.status().events;
    await desk.signal(breach(T0 + 10_000));
    expect(desk.status().events).toBe(events);
    const { items, nextCursor } = desk.incidents();
    expect(nextCursor).toBeNull();
    expect(items).toHaveLength(1);
    const incident = incidentJsonSchema.strict().parse(items[0]);
    expect(incident).toMatchObject({
      number: 1,
      state: 'new',
      title: 'db-1 fills /var',
      category: 'capacity',
      severity: 'warning',
      impact: 3,
      urgency: 2,
      priority: 'P4',
      service: 'this-host',
      agreed: false,
      occurrence: 1,
      onsetAt: '2026-03-23T08:59:55.000Z',
      openedAt: '2026-03-23T09:00:00.000Z',
      outage: false,
      value: 0.93,
      threshold: 0.9,
      sla: {
        response: { target: 86_400, remaining: 86_400, state: 'running', dueAt: '2026-03-24T09:00:00.000Z' },
        resolution: { target: 5 * 86_400, state: 'running' },
      },
      continuity: { rto: null, rtoDueAt: null, rpo: 86_400, backupAgeAtOnset: null, rpoMet: false },
      resources: [
        { kind: 'host', name: 'db-1', labels: { instance: 'db-1' } },
        { kind: 'filesystem', name: 'db-1:/var', labels: { instance: 'db-1', mountpoint: '/var' } },
      ],
      timeline: [{ type: 'incident.opened', actor: { kind: 'system', id: 'desk' } }],
    });
    expect(desk.incident('1')).toEqual(desk.incident(incident.id));
  });

  test('of many hosts at once shares commits and keeps numbers apart', async () => {
    await using bench = await testDesk();
    const { desk } = bench;
    await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        desk.signal(breach(T0, { labels: { instance: `host-${i}`, severity: 'info' } })),
      ),
    );
    const { items } = desk.incidents({ limit: 1000 });
    expect(new Set(items.map(({ number }) => number)).size).toBe(200);
  });

  test('after recovery reopens within the grace, and is the next occurrence after it', async () => {
    await using bench = await testDesk();
    const { desk } = bench;
    await desk.signal(breach(T0));
    bench.nowMs = T0 + 10 * MINUTE;
    await desk.signal(recovery(bench.nowMs));
    expect(desk.incident('1')).toMatchObject({
      state: 'resolved',
      recoveredAt: '2026-03-23T09:09:58.000Z',
      sla: { response: { state: 'canceled' }, resolution: { state: 'met' } },
    });
    expect(desk.incidents().items).toHaveLength(0);
    bench.nowMs += 14 * MINUTE;
    await desk.signal(breach(bench.nowMs));
    expect(desk.incident('1')).toMatchObject({
      state: 'new',
      resolvedAt: null,
      sla: { response: { state: 'running', remaining: 86_400 - 600 } },
    });
    bench.nowMs += MINUTE;
    await desk.signal(recovery(bench.nowMs));
    bench.nowMs += 15 * MINUTE;
    await desk.signal(breach(bench.nowMs));
    expect(desk.incident('2')).toMatchObject({ occurrence: 2, previous: desk.incident('1')?.id });
  });

  test('that is older than the recovery is late news', async () => {
    await using bench = await testDesk();
    const { desk } = bench;
    await desk.signal(breach(T0));
    await desk.signal(recovery(T0 + 20_000));
    await desk.signal(breach(T0 + 10_000));
    expect(desk.incident('1')?.state).toBe('resolved');
  });

  test('as critical joins the warning and raises the priority; it ends when both have', async () => {
    await using bench = await testDesk();
    const { desk } = bench;
    const critical = { labels: { ...breach(T0).labels, severity: 'critical' } };
    await desk.signal(breach(T0));
    await desk.signal(breach(T0, critical));
    expect(desk.incidents().items).toHaveLength(1);
    expect(desk.incident('1')).toMatchObject({ severity: 'critical', urgency: 1, priority: 'P3' });
    await desk.signal(recovery(T0 + 1_000, critical));
    expect(desk.incident('1')?.state).toBe('new');
    await desk.signal(recovery(T0 + 1_000));
    expect(desk.incident('1')?.state).toBe('resolved');
  });
});

test('a recovery the journal could not take is told again', async () => {
  await using bench = await testDesk();
  const { desk } = bench;
  await desk.signal(breach(T0));
  expect(desk.firing()).toMatchObject([{ labels: { instance: 'db-1' }, expression: breach(T0).expression }]);
  const file = path.join(bench.path, 'journal.db');
  {
    using db = new DatabaseSync(file);
    db.exec("CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no space'); END");
    await expect(desk.signal(recovery(T0 + 1))).rejects.toBeInstanceOf(PlimsollError);
    await desk.tick(T0 + 1_000);
    expect(desk.incident('1')?.state).toBe('new');
    db.exec('DROP TRIGGER full');
  }
  await desk.tick(T0 + 2_000);
  expect(desk.incident('1')?.state).toBe('resolved');
  expect(desk.firing()).toEqual([]);
});

test('a breach that waits for a backup’s age keeps its place before its recovery', async () => {
  const { catalogue } = loadCatalogue([
    {
      path: 'x.yaml',
      text: `{apiVersion: plimsoll/v1, kind: Service, metadata: {name: s}, spec: {owner: o, tier: 2,
        resources: ['{instance="db-1"}'], continuity: {rpo: 1h, backup: {lastSuccess: x}}}}`,
    },
  ]);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<number>();
  const lookupBackup = (): Promise<number> => {
    asked.resolve();
    return answer.promise;
  };
  await using bench = await testDesk({ catalogue, lookupBackup });
  const { desk } = bench;
  const told = [desk.signal(breach(T0)), desk.signal(recovery(T0 + 1)), desk.signal(breach(T0 + 2))];
  await asked.promise;
  expect(desk.incidents({ state: 'all' }).items).toEqual([]);
  answer.resolve(T0 - HOUR);
  await Promise.all(told);
  expect(desk.incident('1')?.timeline.map(({ type }) => type)).toEqual([
    'incident.opened',
    'incident.recovered',
    'incident.resolved',
    'incident.reopened',
  ]);
});

test('read tables that fail lag behind, and catch up before the next operation', async () => {
  await using bench = await testDesk();
  const { desk } = bench;
  {
    using db = new DatabaseSync(path.join(bench.path, 'projections.db'));
    db.exec("CREATE TRIGGER full BEFORE INSERT ON incident BEGIN SELECT RAISE(ABORT, 'no space'); END");
    await desk.signal(breach(T0));
    expect(desk.incident('1')).toBeUndefined();
    await expect(desk.signal(breach(T0, HOST_DOWN))).rejects.toMatchObject({ code: 'unavailable' });
    db.exec('DROP TRIGGER full');
  }
  await desk.signal(breach(T0, HOST_DOWN));
  expect(desk.incidents().items.map(({ number }) => number)).toEqual([2, 1]);
  expect((await verifyJournal(bench.path)).faults).toEqual([]);
});

test('an open incident shows what is foreseen for its filesystem, a resolved one does not', async () => {
  await using bench = await testDesk();
  const { desk } = bench;
  await desk.signal(breach(T0));
  expect(desk.incident('1')?.forecast).toBeNull();
  const foreseen = { q10Days: 1, q50Days: 2, q90Days: null, p7: 0.8 };
  desk.showForecasts(({ name }) => (name === 'db-1:/var' ? foreseen : undefined));
  expect(desk.incident('1')?.forecast).toEqual(foreseen);
  expect(desk.incidents().items[0]?.forecast).toEqual(foreseen);
  await desk.signal(recovery(T0 + MINUTE));
  expect(desk.incident('1')).toMatchObject({ state: 'resolved', forecast: null });
});

test('people acknowledge, note, hold, resume, assign and resolve', async () => {
  await using bench = await testDesk();
  const { desk } = bench;
  await desk.signal(breach(T0));
  bench.nowMs += MINUTE;
  const acknowledged = await desk.submit({ type: 'incident.acknowledge', id: '1' }, ALICE);
  expect(acknowledged).toMatchObject({
    state: 'acknowledged',
    assignee: 'alice',
    sla: { response: { state: 'met', remaining: 86_340 } },
  });
  const { events } = desk.status();
  await desk.submit({ type: 'incident.acknowledge', id: '1' }, ALICE);
  expect(desk.status().events).toBe(events);
  const id = acknowledged.id;
  await desk.submit({ type: 'incident.note', id, text: 'Looking' }, ALICE);
  const held = await desk.submit({ type: 'incident.hold', id, reason: 'caller', note: 'Asked' }, ALICE);
  expect(held).toMatchObject({ state: 'on_hold', sla: { resolution: { state: 'paused', dueAt: null } } });
  bench.nowMs += HOUR;
  const resumed = await desk.submit({ type: 'incident.resume', id }, ALICE);
  expect(resumed).toMatchObject({
    state: 'in_progress',
    sla: { resolution: { state: 'running', dueAt: '2026-03-28T10:00:00.000Z' } },
  });
  await expect(desk.submit({ type: 'incident.resolve', id }, ALICE)).rejects.toMatchObject({
    code: 'failed_precondition',
  });
  const resolved = await desk.submit({ type: 'incident.resolve', id, note: 'Grew the disk' }, ALICE);
  expect(resolved.state).toBe('resolved');
  expect(resolved.timeline.map(({ type }) => type)).toEqual([
    'incident.opened',
    'incident.acknowledged',
    'incident.noted',
    'incident.held',
    'incident.resumed',
    'incident.resolved',
  ]);
  expect(resolved.timeline[2]).toMatchObject({ actor: { kind: 'user', id: 'alice' }, text: 'Looking' });
  // It still fires: that neither reopens it nor opens another, until it clears or an hour passes.
  bench.nowMs += 20 * MINUTE;
  await desk.signal(breach(bench.nowMs));
  expect(desk.incidents().items).toHaveLength(0);
  bench.nowMs += 41 * MINUTE;
  await desk.signal(breach(bench.nowMs));
  expect(desk.incident('1')?.state).toBe('in_progress');
});

test('a key makes a command happen once', async () => {
  await using bench = await testDesk();
  const { desk } = bench;
  const open = { type: 'incident.open', title: 'Slow', service: 'this-host', severity: 'info' } as const;
  const [a, b] = await Promise.all([
    desk.submit(open, { ...ALICE, idempotencyKey: 'k1' }),
    desk.submit(open, { ...ALICE, idempotencyKey: 'k1' }),
  ]);
  const c = await desk.submit(open, { ...ALICE, idempotencyKey: 'k1' });
  expect([b.id, c.id]).toEqual([a.id, a.id]);
  const note = { type: 'incident.note', id: a.id, text: 'x' } as const;
  await desk.submit(note, { ...ALICE, idempotencyKey: 'k2' });
  expect((await desk.submit(note, { ...ALICE, idempotencyKey: 'k2' })).timeline).toHaveLength(2);
  await expect(desk.submit({ ...note, id: '99' }, ALICE)).rejects.toMatchObject({ code: 'not_found' });
  await expect(desk.submit({ ...note, text: ' ' }, ALICE)).rejects.toMatchObject({
    code: 'invalid_argument',
  });
});

test('the third occurrence in a week opens one problem; a fourth joins it', async () => {
  await using bench = await testDesk({
    config: { reopenGraceMs: 0, problemOccurrences: 3, problemWindowMs: 7 * DAY, closeAfterMs: DAY },
  });
  const { desk } = bench;
  for (let round = 0; round < 4; round++) {
    bench.nowMs += MINUTE;
    await desk.signal(breach(bench.nowMs));
    bench.nowMs += MINUTE;
    await desk.signal(recovery(bench.nowMs));
    expect(desk.problems().items).toHaveLength(round < 2 ? 0 : 1);
  }
  const problem = problemJsonSchema.strict().parse(desk.problem('1'));
  expect(problem).toMatchObject({ state: 'new', reason: 'recurrence', service: 'this-host' });
  expect(problem.incidents.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  for (const { id } of problem.incidents) expect(desk.incident(id)?.problem).toBe(problem.id);
  await desk.submit({ type: 'problem.analyse', id: '1', rootCause: 'Logs', workaround: 'Rotate' }, ALICE);
  expect(desk.incident('4')?.knownErrors).toMatchObject([{ problem: problem.id, workaround: 'Rotate' }]);
  await desk.submit({ type: 'problem.close', id: problem.id, note: 'Rotation on' }, ALICE);
  bench.nowMs += MINUTE;
  await desk.signal(breach(bench.nowMs));
  expect(desk.incident('5')?.problem).toBeNull();
});

test('an outage runs the recovery clock and takes the service down', async () => {
  await using bench = await testDesk();
  const { desk } = bench;
  await desk.signal(breach(T0, HOST_DOWN));
  expect(desk.incident('1')).toMatchObject({
    category: 'availability',
    outage: true,
    continuity: { rto: 14_400, rtoDueAt: '2026-03-23T12:59:55.000Z', achievedRecovery: null, rtoMet: null },
  });
  expect(serviceJsonSchema.strict().parse(desk.service('this-host'))).toMatchObject({
    state: 'down',
    openIncidents: 1,
  });
  bench.nowMs += 5 * HOUR;
  expect(desk.incident('1')?.continuity.rtoMet).toBe(false);
  await desk.signal(recovery(bench.nowMs, HOST_DOWN));
  expect(desk.incident('1')?.continuity).toMatchObject({ achievedRecovery: 18_003, rtoMet: false });
  expect(desk.service('this-host')?.state).toBe('up');
  const states = desk.eventsAfter(0).filter(({ aggregate }) => aggregate === 'service/this-host');
  expect(states.map(({ type, occurredAtMs }) => [type, occurredAtMs - T0])).toEqual([
    ['service.down', -5_000],
    ['service.up', 5 * HOUR - 2_000],
  ]);
});

test('a proof that the host ran makes its outage unknown', async () => {
  await using bench = await testDesk();
  const { desk } = bench;
  await desk.signal(breach(T0, HOST_DOWN));
  bench.nowMs += HOUR;
  await desk.signal(recovery(bench.nowMs, HOST_DOWN));
  await desk.record({ type: 'host.reclassified', instance: 'db-1', fromMs: T0, toMs: bench.nowMs });
  expect(desk.incident('1')).toMatchObject({ unreachable: true, continuity: { rtoMet: null, rto: null } });
});

test('ticks warn, breach and close', async () => {
  await using bench = await testDesk();
  const { desk } = bench;
  await desk.signal(breach(T0, HOST_DOWN)); // P3: respond in 4 h, resolve in 2 days
  const seen: string[] = [];
  desk.subscribe((event) => {
    const payload = event.payload as { clock?: string; percent?: number };
    if (event.type.startsWith('incident.sla_')) {
      seen.push(`${payload.clock} ${payload.percent ?? 100} ${(event.occurredAtMs - T0) / HOUR}`);
    }
  });
  for (let i = 0; i < 2 * 24 * 2 + 1; i++) {
    bench.nowMs += 30 * MINUTE;
    await desk.tick(bench.nowMs);
  }
  expect(seen).toEqual([
    'response 50 2',
    'response 75 3',
    'response 90 3.6',
    'response 100 4',
    'resolution 50 24',
    'resolution 75 36',
    'resolution 90 43.2',
    'resolution 100 48',
  ]);
  await desk.signal(recovery(bench.nowMs, HOST_DOWN));
  expect(desk.incident('1')?.sla).toMatchObject({
    response: { state: 'breached' },
    resolution: { state: 'breached', remaining: -1_800 },
  });
  bench.nowMs += 3 * DAY;
  await desk.tick(bench.nowMs);
  expect(desk.incident('1')?.state).toBe('closed');
});

test('a restart keeps everything, and the rebuilt tables say the same', async () => {
  await using bench = await testDesk();
  await bench.desk.signal(breach(T0));
  await bench.desk.signal(breach(T0, HOST_DOWN));
  await bench.desk.submit({ type: 'incident.acknowledge', id: '1' }, ALICE);
  const before = bench.desk.incidents();
  await bench.restart();
  expect(bench.desk.incidents()).toEqual(before);
  const { events } = bench.desk.status();
  await bench.desk.signal(breach(T0 + MINUTE));
  expect(bench.desk.status().events).toBe(events);
  const starts = bench.desk.eventsAfter(0).filter(({ type }) => type === 'collector.started');
  expect(starts.map(({ payload }) => payload)).toMatchObject([
    { previous: null },
    { previous: { clean: true, lastAliveMs: T0 } },
  ]);
});

test.each([
  ['schema_version', '2'],
  ['type', "'incident.teleported'"],
])('events of a newer build are refused: %s', async (column, value) => {
  await using bench = await testDesk();
  await bench.desk.signal(breach(T0));
  await bench.desk[Symbol.asyncDispose]();
  bench.metrics.clear();
  using db = new DatabaseSync(path.join(bench.path, 'journal.db'));
  db.exec(
    `DROP TRIGGER event_unchanged; UPDATE event SET ${column} = ${value} WHERE aggregate LIKE 'incident/%'`,
  );
  await rm(path.join(bench.path, 'projections.db'));
  await expect(bench.restart()).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringMatching(/written by a newer build/),
  });
});

describe('lifecycle', () => {
  test('journals intervals once, and inventories by content', async () => {
    await using bench = await testDesk();
    const { desk } = bench;
    const of = { agentId: 'a1', instance: 'db-1' };
    const from = desk.status().events;
    await desk.record({ type: 'stream.opened', ...of, epoch: 5, atMs: T0, clockOffsetMs: 12.5 });
    await desk.record({ type: 'host.up', ...of, atMs: T0 });
    await desk.record({ type: 'host.up', ...of, atMs: T0 + 1 });
    await desk.record({ type: 'host.down', ...of, atMs: T0 + 2 });
    await desk.record({ type: 'inventory.snapshot', ...of, atMs: T0, facts: { cpus: 4 } });
    await desk.record({ type: 'inventory.snapshot', ...of, atMs: T0 + 3, facts: { cpus: 4 } });
    const events = desk.eventsAfter(from);
    expect(events.map(({ type, aggregate, version }) => [type, aggregate, version])).toEqual([
      ['stream.opened', 'stream/a1', 1],
      ['host.up', 'host/db-1', 1],
      ['host.down', 'host/db-1', 2],
      ['inventory.snapshot', 'inventory/a1', 1],
    ]);
    expect(events[0]?.clockOffsetMs).toBe(12.5);
  });

  test('a start after a crash tells when the collector was last alive', async () => {
    await using bench = await testDesk();
    await using copy = await testDesk();
    await bench.desk.tick(T0 + 9_000);
    await bench.desk.tick(T0 + 30_000);
    await copy.desk[Symbol.asyncDispose]();
    await rm(copy.path, { recursive: true });
    await cp(bench.path, copy.path, { recursive: true, preserveTimestamps: true });
    copy.nowMs = T0 + HOUR;
    await copy.restart();
    const starts = copy.desk.eventsAfter(0).filter(({ type }) => type === 'collector.started');
    expect(starts.at(-1)?.payload).toMatchObject({ previous: { clean: false, lastAliveMs: T0 + 30_000 } });
  });

  test('a catalogue is journalled when it changed', async () => {
    await using bench = await testDesk();
    const { desk } = bench;
    const { events } = desk.status();
    await desk.reloadCatalogue(builtinCatalogue());
    expect(desk.status().events).toBe(events);
    const other = { ...builtinCatalogue(), matrix: { name: 'flat', rows: DEFAULT_MATRIX.rows } };
    await desk.reloadCatalogue(other);
    expect(desk.eventsAfter(events).map(({ type }) => type)).toEqual(['catalogue.snapshot']);
  });
});

describe('recovery points', () => {
  const text = `
apiVersion: plimsoll/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team
  tier: 1
  resources: ['{instance="db-1"}']
  continuity: {rpo: 15m, backup: {lastSuccess: x, duration: 2m}}
`;
  const { catalogue } = loadCatalogue([{ path: 'x.yaml', text }]);

  test.each([
    ['fresh', () => T0 - 5_000 - 5 * MINUTE, { backupAgeAtOnset: 420, rpoMet: true }],
    ['old', async () => T0 - HOUR, { backupAgeAtOnset: 3_715, rpoMet: false }],
    ['never', () => null, { backupAgeAtOnset: null, rpoMet: false }],
    ['failing', () => Promise.reject(new Error('no store')), { backupAgeAtOnset: null, rpoMet: null }],
    ['silent', () => Promise.race<number>([]), { backupAgeAtOnset: null, rpoMet: null }],
  ])('of a %s backup', async (_, lookupBackup, expected) => {
    await using bench = await testDesk({ catalogue, lookupBackup });
    await bench.desk.signal(breach(T0));
    expect(bench.desk.incident('1')).toMatchObject({ service: 'orders', priority: 'P2' });
    expect(bench.desk.incident('1')?.continuity).toMatchObject({ rpo: 900, ...expected });
    expect(bench.desk.incident('1')?.sla.resolution).toEqual({
      target: null,
      dueAt: null,
      remaining: null,
      state: null,
    });
  });
});

test('an incident of several services shows the one due first, and runs the clocks of each', async () => {
  const text = [service('slow', 1, '2d'), service('fast', 4, '4h')].join('---');
  const { catalogue } = loadCatalogue([{ path: 'x.yaml', text }]);
  await using bench = await testDesk({ catalogue });
  await bench.desk.signal(breach(T0));
  expect(bench.desk.incident('1')).toMatchObject({
    // The best tier counts for all of it.
    priority: 'P2',
    service: 'fast',
    tier: 4,
    sla: { resolution: { target: 14_400 } },
    services: [
      { name: 'slow', tier: 1, sla: { resolution: { target: 172_800, state: 'running' } } },
      { name: 'fast', tier: 4, sla: { resolution: { target: 14_400, state: 'running' } } },
    ],
    runbooks: [{ name: 'shared', url: null }, { name: 'slow-book' }, { name: 'fast-book' }],
  });
  expect(bench.desk.servicesOf({ instance: 'db-9' })).toEqual(['slow', 'fast']);
});

test('lists are paged, filtered and put what is due first', async () => {
  await using bench = await testDesk();
  const { desk } = bench;
  for (const [i, severity] of ['info', 'critical', 'warning', 'critical', 'info'].entries()) {
    bench.nowMs += MINUTE;
    await desk.signal(breach(bench.nowMs, { labels: { instance: `h${i}`, severity } }));
  }
  await desk.submit({ type: 'incident.resolve', id: '1', note: 'n' }, ALICE);
  const numbers: number[] = [];
  for (let cursor: string | undefined; ;) {
    const page = desk.incidents({ state: 'all', limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    numbers.push(...page.items.map(({ number }) => number));
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  expect(numbers).toEqual([2, 4, 3, 5, 1]);
  expect(Object.fromEntries(desk.openIncidentsByInstance())).toEqual({ h1: 1, h2: 1, h3: 1, h4: 1 });
  const count = (query: object): number => desk.incidents(query).items.length;
  expect(count({ priority: 'P3' })).toBe(2);
  expect(count({ instance: 'h2' })).toBe(1);
  expect(count({ service: 'this-host', state: 'resolved' })).toBe(1);
  expect(count({ service: 'other', state: 'all' })).toBe(0);
  expect(() => desk.incidents({ cursor: 'x' })).toThrow(
    expect.objectContaining({ code: 'invalid_argument' }),
  );
  expect(() => desk.incidents({ limit: 0 })).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
});

function service(name: string, tier: number, resolution: string): string {
  return `
apiVersion: plimsoll/v1
kind: Service
metadata: {name: ${name}}
spec:
  owner: o
  tier: ${tier}
  resources: ['{instance=~"db-.*"}']
  sla: {response: {P2: 1h}, resolution: {P2: ${resolution}}}
  runbooks: [shared, ${name}-book]
`;
}
