import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { builtinCatalogue } from '../catalogue/builtin.ts';
import type { Runtime } from '../runtime.ts';
import type { Desk } from './desk.ts';
import { openDesk } from './open-desk.ts';
import type { DeskOptions } from './open-desk.ts';
import type { BreachSignal, RecoverySignal } from './signal.ts';

export const T0 = Date.UTC(2026, 2, 23, 9, 0, 0);
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** A desk in a directory of its own, with a clock the test turns. */
export interface TestDesk extends AsyncDisposable {
  desk: Desk;
  readonly path: string;
  readonly metrics: Registry;
  nowMs: number;
  /** Closes the desk and opens it again on the same files. */
  restart(changes?: Partial<DeskOptions>): Promise<void>;
}

export async function testDesk(changes: Partial<DeskOptions> = {}): Promise<TestDesk> {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-desk-'));
  const open = (own: Partial<DeskOptions>): Promise<Desk> =>
    openDesk({
      path: directory,
      runtime,
      config: {
        reopenGraceMs: 15 * MINUTE,
        problemOccurrences: 3,
        problemWindowMs: 7 * DAY,
        closeAfterMs: 3 * DAY,
      },
      catalogue: builtinCatalogue(),
      lookupBackup: () => null,
      ...changes,
      ...own,
    });
  const metrics = new Registry();
  const clock = { nowMs: T0 };
  const runtime: Runtime = { now: () => clock.nowMs, log: pino({ level: 'silent' }), metrics };
  let desk = await open({});
  return {
    get desk() {
      return desk;
    },
    get nowMs() {
      return clock.nowMs;
    },
    set nowMs(value) {
      clock.nowMs = value;
    },
    path: directory,
    metrics,
    async restart(own = {}) {
      await desk[Symbol.asyncDispose]();
      metrics.clear();
      desk = await open(own);
    },
    async [Symbol.asyncDispose]() {
      await desk[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

const RULE = { file: 'capacity.yml', group: 'filesystem', name: 'FilesystemFull' };
const EXPRESSION = '1 - node_filesystem_avail_bytes / node_filesystem_size_bytes > 0.9';

export function breach(atMs: number, changes: Partial<BreachSignal> = {}): BreachSignal {
  return {
    kind: 'breach',
    rule: RULE,
    expression: EXPRESSION,
    labels: { alertname: RULE.name, instance: 'db-1', mountpoint: '/var', severity: 'warning' },
    annotations: { summary: 'db-1 fills /var' },
    value: 0.93,
    threshold: 0.9,
    onsetAtMs: atMs - 5_000,
    detectedAtMs: atMs,
    evaluatedAtMs: atMs,
    uncertaintyMs: 10_000,
    ...changes,
  };
}

export function recovery(atMs: number, changes: Partial<RecoverySignal> = {}): RecoverySignal {
  return {
    kind: 'recovery',
    rule: RULE,
    expression: EXPRESSION,
    labels: breach(atMs).labels,
    recoveredAtMs: atMs - 2_000,
    evaluatedAtMs: atMs,
    uncertaintyMs: 10_000,
    ...changes,
  };
}

/** A host that cannot be reached: an outage. */
export const HOST_DOWN = {
  rule: { file: 'availability.yml', group: 'hosts', name: 'HostSilent' },
  expression: 'up == 0',
  labels: { alertname: 'HostSilent', instance: 'db-1', severity: 'critical' },
  annotations: {},
  value: 0,
  threshold: 0,
} as const;
