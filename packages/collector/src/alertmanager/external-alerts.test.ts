import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE, T0, testDesk, type TestDesk } from '../desk/testing.ts';
import type { Alert } from './alert.ts';
import { ExternalAlerts } from './external-alerts.ts';
import { RESOLVE_TIMEOUT_MS } from './limits.ts';

let bench: TestDesk;
let alerts: ExternalAlerts;
const open = () =>
  new ExternalAlerts((signal) => bench.desk.signal(signal), bench.desk.firing(), bench.nowMs);
beforeEach(async () => {
  bench = await testDesk();
  alerts = open();
});
afterEach(() => bench[Symbol.asyncDispose]());

const alert = (changes: Partial<Alert> = {}): Alert => ({
  labels: { alertname: 'Full', instance: 'db-1', severity: 'critical' },
  annotations: { summary: 'the disk of db-1 is full' },
  startsAtMs: T0 - MINUTE,
  endsAtMs: bench.nowMs + 4 * MINUTE,
  updatedAtMs: bench.nowMs,
  generatorUrl: 'http://prom.example:9090/graph?g0.expr=disk_free+%3D%3D+0&g0.tab=1',
  ...changes,
});
/** Differs from others in a label that is no identity for the desk. */
const twin = (value: string, endsAtMs: number) =>
  alert({ labels: { alertname: 'Full', instance: 'db-1', value }, endsAtMs });
const incidents = () => bench.desk.incidents({ state: 'all' }).items;

describe('alerts of other servers', () => {
  it('open an incident under the name of who sent them', async () => {
    expect(await alerts.post([alert()], T0)).toEqual({ firing: 1, resolved: 0, dropped: 0 });
    expect(incidents()).toMatchObject([
      {
        state: 'new',
        title: 'the disk of db-1 is full',
        severity: 'critical',
        rule: { file: 'alertmanager', group: 'prom.example:9090', name: 'Full' },
        expression: 'disk_free == 0',
        value: null,
        threshold: null,
        onsetAt: new Date(T0 - MINUTE).toISOString(),
      },
    ]);
  });

  it('change nothing when they are posted again', async () => {
    await alerts.post([alert()], T0);
    const { events } = bench.desk.status();
    for (let minute = 1; minute < 4; minute++) {
      bench.nowMs = T0 + minute * MINUTE;
      await alerts.post([alert(), alert()], bench.nowMs);
    }
    expect(bench.desk.status().events).toBe(events);
    expect(alerts.alerts()).toHaveLength(1);
  });

  it('recover when an end is posted', async () => {
    await alerts.post([alert()], T0);
    bench.nowMs = T0 + MINUTE;
    const over = alert({ endsAtMs: T0 + 30_000 });
    expect(await alerts.post([over], bench.nowMs)).toMatchObject({ resolved: 1 });
    expect(incidents()).toMatchObject([
      { state: 'resolved', recoveredAt: new Date(T0 + 30_000).toISOString() },
    ]);
    expect(await alerts.post([over], bench.nowMs)).toMatchObject({ resolved: 1 });
    expect(alerts.alerts()).toEqual([]);
  });

  it('recover when their end passes without another post', async () => {
    await alerts.post([alert()], T0);
    await alerts.tick(T0 + 4 * MINUTE - 1);
    expect(incidents()).toMatchObject([{ state: 'new' }]);
    bench.nowMs = T0 + 4 * MINUTE;
    await alerts.tick(bench.nowMs);
    expect(incidents()).toMatchObject([{ state: 'resolved' }]);
  });

  it('that were never seen firing change nothing by ending', async () => {
    await alerts.post([alert({ endsAtMs: T0 - 1 })], T0);
    expect(incidents()).toEqual([]);
  });

  it('are one incident when both servers of a pair post them', async () => {
    await alerts.post([alert(), alert({ generatorUrl: 'http://other.example:9090/graph' })], T0);
    expect(incidents()).toHaveLength(1);
    await alerts.post([alert({ generatorUrl: 'http://other.example:9090/graph', endsAtMs: T0 })], T0);
    expect(incidents()).toMatchObject([{ state: 'resolved' }]);
  });

  it('that the desk cannot tell apart recover with the last of them', async () => {
    await alerts.post([twin('91', T0 + MINUTE), twin('92', T0 + MINUTE)], T0);
    await alerts.post([twin('91', T0)], T0);
    expect(incidents()).toMatchObject([{ state: 'new' }]);
    await alerts.post([twin('92', T0)], T0);
    expect(incidents()).toMatchObject([{ state: 'resolved' }]);
  });

  it('survive a restart for as long as others take to post them again', async () => {
    await alerts.post([alert()], T0);
    await bench.restart();
    alerts = open();
    expect(alerts.alerts()).toMatchObject([{ labels: alert().labels }]);
    const { events } = bench.desk.status();
    await alerts.post([alert()], T0);
    expect(bench.desk.status().events).toBe(events);
    await bench.restart();
    alerts = open();
    bench.nowMs = T0 + RESOLVE_TIMEOUT_MS;
    await alerts.tick(bench.nowMs);
    expect(incidents()).toMatchObject([{ state: 'resolved' }]);
  });
});
