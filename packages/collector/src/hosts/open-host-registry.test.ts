import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentRecord } from './agent-table.ts';
import { openHostRegistry } from './open-host-registry.ts';

const record: AgentRecord = {
  agentId: 'agent-1',
  keyHash: 'k',
  machineIdHash: 'm',
  instance: 'web-1',
  labels: { env: 'prod' },
  agentVersion: '1.2.3',
  collectIntervalMs: 1000,
  firstSeenMs: 10_000,
  lastSeenMs: null,
  facts: null,
};

let directory: string;
let nowMs: number;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-hosts-'));
  nowMs = 100_000;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const arrive = {
  agentId: 'agent-1',
  instance: 'web-1',
  timestampMs: 0,
  refs: new Uint32Array(0),
  values: new Float64Array(0),
};

describe('openHostRegistry', () => {
  it('tells that a host falls silent after three missed intervals, and that it is back', () => {
    using hosts = openHostRegistry(directory, () => nowMs);
    const states: string[] = [];
    hosts.onChange((host) => states.push(host.state));
    hosts.connected(record);
    hosts.frame(arrive, nowMs, 5);
    hosts.tick(nowMs + 3000);
    expect(hosts.host('web-1')?.state).toBe('up');
    hosts.tick(nowMs + 3001);
    expect(hosts.host('web-1')?.state).toBe('silent');
    hosts.frame(arrive, nowMs + 4000, 5);
    expect(hosts.host('web-1')).toMatchObject({ state: 'up', lastSeenMs: nowMs + 4000, clockOffsetMs: 5 });
    expect(states).toEqual(['up', 'silent', 'up']);
  });

  it('remembers hosts over a restart and gives their agents time to come back before it calls them silent', () => {
    {
      using hosts = openHostRegistry(directory, () => nowMs);
      hosts.connected(record);
      hosts.frame(arrive, nowMs, Number.NaN);
      hosts.facts('agent-1', { kernel: '6.1' });
    }
    nowMs += 3_600_000;
    using hosts = openHostRegistry(directory, () => nowMs);
    hosts.tick(nowMs + 1000);
    expect(hosts.host('web-1')).toMatchObject({
      state: 'up',
      connected: false,
      lastSeenMs: 100_000,
      labels: { env: 'prod' },
      facts: { kernel: '6.1' },
    });
    hosts.tick(nowMs + 3001);
    expect(hosts.host('web-1')).toMatchObject({ state: 'up', heard: false });
    hosts.tick(nowMs + 45_001);
    expect(hosts.host('web-1')?.state).toBe('silent');
  });

  it('tells what backfill proves: the host ran while it was silent', () => {
    using hosts = openHostRegistry(directory, () => nowMs);
    const proven: object[] = [];
    hosts.onProven((instance, stretch) => proven.push({ instance, ...stretch }));
    hosts.connected(record);
    hosts.frame(arrive, nowMs, Number.NaN);
    hosts.tick(nowMs + 3001);
    nowMs += 60_000;
    hosts.frame(arrive, nowMs, Number.NaN);
    // Before the outage, within it, and after it.
    for (const at of [99_000, 110_000, 150_000, 170_000]) hosts.backfilled('agent-1', at);
    hosts.tick(nowMs + 1000);
    expect(proven).toEqual([]);
    hosts.tick(nowMs + 2000);
    hosts.tick(nowMs + 2500);
    expect(proven).toEqual([{ instance: 'web-1', fromMs: 110_000, toMs: 150_000 }]);
  });

  it('keeps id and history of a renamed host', () => {
    using hosts = openHostRegistry(directory, () => nowMs);
    hosts.connected(record);
    hosts.connected({ ...record, instance: 'web-one' });
    expect(hosts.host('web-1')).toBeUndefined();
    expect(hosts.host('web-one')).toMatchObject({ agentId: 'agent-1', firstSeenMs: 10_000 });
  });

  it('shows a refused caller until it is admitted or an hour has passed', () => {
    using hosts = openHostRegistry(directory, () => nowMs);
    hosts.refused({ agentId: 'clone', instance: 'web-1' }, 'cloned');
    expect(hosts.hosts()).toMatchObject([{ state: 'refused', refusedReason: 'cloned', instance: 'web-1' }]);
    hosts.tick(nowMs + 3_600_001);
    expect(hosts.hosts()).toEqual([]);
  });

  it('refuses a file of a newer version', () => {
    openHostRegistry(directory, () => nowMs)[Symbol.dispose]();
    const db = new DatabaseSync(path.join(directory, 'hosts.sqlite'));
    db.exec('pragma user_version = 99');
    db.close();
    expect(() => openHostRegistry(directory, () => nowMs)).toThrow(/newer Plimsoll/);
  });
});
