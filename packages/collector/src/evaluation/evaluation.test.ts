import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEngine, Labels, METRIC_NAME } from '@plimsoll/promql';
import { isStaleMarker, writeNoSample } from '@plimsoll/proto';
import { parseRuleFile, resultSamples, type RuleGroup } from '@plimsoll/rules';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FiringCondition } from '../desk/desk.ts';
import type { Signal } from '../desk/signal.ts';
import { openHostRegistry, type WritableHostRegistry } from '../hosts/open-host-registry.ts';
import type { Runtime } from '../runtime.ts';
import { openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import type { Evaluation, RuleEngine } from './evaluation.ts';
import { startEvaluation } from './start-evaluation.ts';

const engine = createEngine();
const ruleEngine: RuleEngine = async (expression, timeMs, queryable) => {
  const query = typeof expression === 'string' ? { text: expression } : { expression };
  return resultSamples((await engine.queryInstant({ ...query, timeMs, queryable })).value);
};

const DISK = ['disk_used', 'disk_size'].map((name) =>
  Labels.of({ [METRIC_NAME]: name, instance: 'a', device: 'sda' }),
);

/** A collector without gRPC: store and registry are the real ones, frames are handed in. */
class Bench implements AsyncDisposable {
  readonly signals: Signal[] = [];
  readonly store: TelemetryStore;
  readonly hosts: WritableHostRegistry;
  readonly runtime: Runtime;
  readonly #refs: Uint32Array;
  #evaluation: Evaluation | undefined;
  readonly #epoch = Date.now() * 1000;
  #sequence = 0;

  constructor(store: TelemetryStore, hosts: WritableHostRegistry, runtime: Runtime) {
    this.store = store;
    this.hosts = hosts;
    this.runtime = runtime;
    this.#refs = store.internSeries(DISK);
  }

  static async open(directory: string): Promise<Bench> {
    const runtime = { now: Date.now, log: pino({ level: 'silent' }), metrics: new Registry() };
    const store = await openEmbeddedStore({ path: path.join(directory, 'telemetry'), runtime });
    const hosts = openHostRegistry(directory, Date.now);
    hosts.connected({
      agentId: 'agent-a',
      keyHash: '',
      machineIdHash: '',
      instance: 'a',
      labels: { env: 'test' },
      agentVersion: '1',
      collectIntervalMs: 1000,
      firstSeenMs: Date.now(),
      lastSeenMs: null,
      facts: null,
    });
    return new Bench(store, hosts, runtime);
  }

  async start(yaml: string, firing: readonly FiringCondition[] = []): Promise<Evaluation> {
    this.#evaluation = await startEvaluation({
      runtime: { ...this.runtime, metrics: new Registry() },
      store: this.store,
      engine: ruleEngine,
      hosts: this.hosts,
      ruleGroups: groupsOf(yaml),
      evaluationIntervalMs: 10_000,
      onSignal: (signal) => this.signals.push(signal),
      firing,
      externalLabels: {},
      externalUrl: 'http://localhost:9720',
    });
    return this.#evaluation;
  }

  /** A live frame, stored and announced as ingest does. */
  async frame(used: number, atMs = Date.now()): Promise<number> {
    const values = Float64Array.of(used, 100);
    if (Number.isNaN(used)) writeNoSample(values, 0);
    const frame = { agentId: 'agent-a', timestampMs: atMs, refs: this.#refs, values };
    await this.store.appendFrame({
      ...frame,
      epoch: this.#epoch,
      sequence: ++this.#sequence,
      backfill: false,
    }).durable;
    this.hosts.frame({ ...frame, instance: 'a' }, Date.now(), 2500);
    return atMs;
  }

  /** The newest value of each series of a metric, stale markers as 'stale'. */
  async newest(name: string): Promise<Record<string, number | 'stale'>> {
    const matchers = [{ name: METRIC_NAME, type: '=', value: name }] as const;
    const series = await this.store.select({ matchers, startMs: 0, endMs: Date.now() + 60_000 });
    return Object.fromEntries(
      series.map(({ labels, values }) => {
        const last = values.at(-1) ?? NaN;
        return [labels.toString(), isStaleMarker(last) ? 'stale' : last];
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#evaluation?.[Symbol.asyncDispose]();
    this.hosts[Symbol.dispose]();
    await this.store[Symbol.asyncDispose]();
  }
}

function groupsOf(yaml: string): readonly RuleGroup[] {
  const { groups, problems } = parseRuleFile('team.yml', `groups:\n${yaml}`);
  expect(problems).toEqual([]);
  return groups;
}

const full = (interval: string, fields = ''): string =>
  `- {name: disks, interval: ${interval}, rules: [{alert: Full, expr: disk_used / disk_size > 0.9, labels: {severity: critical}, annotations: {summary: "{{ $labels.device }} {{ $value | humanizePercentage }}"}${fields}}]}`;

/** A loaded machine may take its time. */
const PATIENCE_MS = 20_000;
vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

async function eventually(check: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(check, PATIENCE_MS);
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-evaluation-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('evaluation', () => {
  it('tells of a breach when the frame arrives, long before the next tick', async () => {
    await using bench = await Bench.open(directory);
    await bench.start(full('1h'));
    await bench.frame(50);
    const onsetAtMs = await bench.frame(95);
    await eventually(() => expect(bench.signals).toHaveLength(1));
    expect(bench.signals[0]).toMatchObject({
      kind: 'breach',
      rule: { file: 'team.yml', group: 'disks', name: 'Full' },
      labels: { alertname: 'Full', instance: 'a', device: 'sda', severity: 'critical' },
      annotations: { summary: 'sda 95%' },
      value: 0.95,
      threshold: 0.9,
      onsetAtMs,
      uncertaintyMs: 1000,
    });
    expect(await bench.newest('ALERTS')).toEqual({});
  });

  it('writes ALERTS at ticks, tells of the recovery and marks the series stale', async () => {
    await using bench = await Bench.open(directory);
    await bench.start(full('50ms'));
    await bench.frame(95);
    const labels = 'alertname="Full", device="sda", instance="a", severity="critical"';
    await eventually(async () =>
      expect(await bench.newest('ALERTS')).toEqual({
        [`ALERTS{alertname="Full", alertstate="firing", ${labels.slice(18)}}`]: 1,
      }),
    );
    const healthyAtMs = await bench.frame(10);
    await eventually(() =>
      expect(bench.signals.at(-1)).toMatchObject({ kind: 'recovery', recoveredAtMs: healthyAtMs }),
    );
    await eventually(async () =>
      expect(await bench.newest('ALERTS_FOR_STATE')).toEqual({ [`ALERTS_FOR_STATE{${labels}}`]: 'stale' }),
    );
    expect(bench.signals.filter(({ kind }) => kind === 'recovery')).toHaveLength(1);
  });

  it('feeds recording rules to the rules after them', async () => {
    await using bench = await Bench.open(directory);
    await bench.frame(95);
    const evaluation = await bench.start(
      '- {name: g, interval: 50ms, rules: [{record: disk:ratio, expr: disk_used / disk_size}, {alert: Full, expr: "sum(disk:ratio) > 0.9"}]}',
    );
    await eventually(() =>
      expect(bench.signals[0]).toMatchObject({ kind: 'breach', labels: { alertname: 'Full' }, value: 0.95 }),
    );
    expect(await bench.newest('disk:ratio')).toEqual({ 'disk:ratio{device="sda", instance="a"}': 0.95 });
    expect(evaluation.groups()[0]?.rules.map(({ kind, health }) => [kind, health])).toEqual([
      ['recording', 'ok'],
      ['alerting', 'ok'],
    ]);
    expect(evaluation.summary()).toMatchObject({ groups: 1, rules: 2, firing: 1, lastError: null });
  });

  it('writes up and the clock offset of a host once it was heard', async () => {
    await using bench = await Bench.open(directory);
    await bench.start('');
    expect(await bench.newest('up')).toEqual({});
    await bench.frame(50);
    await eventually(async () =>
      expect(await bench.newest('up')).toEqual({ 'up{env="test", instance="a", job="node"}': 1 }),
    );
    expect(await bench.newest('plimsoll_agent_clock_offset_seconds')).toEqual({
      'plimsoll_agent_clock_offset_seconds{env="test", instance="a", job="node"}': 2.5,
    });
    bench.hosts.tick(Date.now() + 60_000);
    expect(await bench.newest('up')).toEqual({ 'up{env="test", instance="a", job="node"}': 0 });
  });

  it('keeps the onset over a restart, and does not take its own absence for a recovery', async () => {
    let onsetAtMs: number;
    {
      await using bench = await Bench.open(directory);
      await bench.start(full('50ms'));
      onsetAtMs = await bench.frame(95);
      await eventually(async () =>
        expect(Object.keys(await bench.newest('ALERTS_FOR_STATE'))).toHaveLength(1),
      );
    }
    await using bench = await Bench.open(directory);
    const evaluation = await bench.start(full('50ms'));
    await eventually(() => expect(bench.signals.length).toBeGreaterThan(0));
    expect(bench.signals[0]).toMatchObject({ kind: 'breach' });
    expect(
      Math.abs((bench.signals[0]?.kind === 'breach' ? bench.signals[0].onsetAtMs : 0) - onsetAtMs),
    ).toBeLessThan(1100);
    await evaluation.reload([]);
    expect(bench.signals.at(-1)).toMatchObject({ kind: 'recovery' });
  });

  describe('with what the desk takes for firing', () => {
    const firing: FiringCondition = {
      rule: { file: 'team.yml', group: 'disks', name: 'Full' },
      expression: 'disk_used / disk_size > 0.9',
      labels: { alertname: 'Full', instance: 'a', device: 'sda', severity: 'critical' },
      onsetAtMs: 1_000,
    };

    it('keeps its onset while it still holds', async () => {
      await using bench = await Bench.open(directory);
      await bench.frame(95);
      await bench.start(full('50ms'), [firing]);
      await eventually(() => expect(bench.signals[0]).toMatchObject({ kind: 'breach', onsetAtMs: 1_000 }));
    });

    it('tells its recovery once the host is heard to be healthy, not before', async () => {
      await using bench = await Bench.open(directory);
      const evaluation = await bench.start(full('50ms'), [firing]);
      await eventually(() => expect(evaluation.groups()[0]?.lastEvaluationMs).not.toBeNull());
      expect(bench.signals).toEqual([]);
      const healthyAtMs = await bench.frame(10);
      await eventually(() => expect(bench.signals).toHaveLength(1));
      expect(bench.signals[0]).toMatchObject({
        kind: 'recovery',
        recoveredAtMs: healthyAtMs,
        labels: firing.labels,
      });
    });

    it('tells its recovery at once when its rule is gone', async () => {
      await using bench = await Bench.open(directory);
      await bench.start('', [firing]);
      expect(bench.signals).toMatchObject([{ kind: 'recovery', rule: firing.rule, labels: firing.labels }]);
    });
  });

  it('keeps alerts over a reload that leaves their rule, and reports rules that fail', async () => {
    await using bench = await Bench.open(directory);
    const evaluation = await bench.start(full('50ms'));
    const onsetAtMs = await bench.frame(95);
    await eventually(() => expect(bench.signals.length).toBeGreaterThan(1));
    await evaluation.reload(
      groupsOf(
        full('60ms', ', keep_firing_for: 1h') +
          '\n- {name: bad, interval: 50ms, rules: [{record: x, expr: "label_join(disk_used, \\"~~\\", \\"\\")"}]}',
      ),
    );
    bench.signals.splice(0);
    await eventually(() => expect(bench.signals[0]).toMatchObject({ kind: 'breach', onsetAtMs }));
    await bench.frame(10);
    await eventually(() => {
      const [group] = evaluation.groups();
      const [rule] = group?.rules ?? [];
      expect(rule?.kind === 'alerting' && rule.alerts[0]?.keepFiringSinceMs).toBeTruthy();
    });
    expect(bench.signals.some(({ kind }) => kind === 'recovery')).toBe(false);
  });
});
