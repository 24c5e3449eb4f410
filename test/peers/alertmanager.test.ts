import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAlertmanager } from '../support/alertmanager.ts';
import { type Counterpart, debianProgram } from '../support/debian.ts';
import { getJson, type Program, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';
import { startPrometheus } from './differential/start-prometheus.ts';

const prometheus = await debianProgram('prometheus', 'prometheus');
const alertmanager = await debianProgram('prometheus-alertmanager', 'prometheus-alertmanager');
const amtool = await debianProgram('prometheus-alertmanager', 'amtool');
const run = promisify(execFile);

function pathOf(program: Counterpart): string {
  if ('missing' in program) throw new Error(program.missing);
  return program.path;
}

interface Incident {
  readonly state: string;
  readonly title: string;
  readonly expression: string;
  readonly value: number | null;
  readonly rule: { readonly file: string; readonly group: string; readonly name: string };
}

interface Alert {
  readonly labels: Record<string, string>;
  readonly generatorURL: string;
  readonly status: { readonly state: string };
}

const OWN_RULES = `
groups:
  - name: own
    interval: 1s
    rules:
      - alert: CollectorSpeaks
        expr: vector(1)
        labels: {severity: warning}
        annotations: {summary: 'always firing'}
`;

async function incidentsOf(program: Program): Promise<readonly Incident[]> {
  const { items } = await getJson<{ items: Incident[] }>(
    `${program.web}/api/plimsoll/v1/incidents?state=all`,
  );
  return items;
}

async function post(program: Program, what: string, body: unknown): Promise<void> {
  const { status } = await fetch(`${program.web}/api/v2/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(status).toBe(200);
}

describe('the collector as an Alertmanager', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startProgram({ command: 'collector' });
  });
  afterAll(async () => program[Symbol.asyncDispose]());

  it.skipIf('missing' in prometheus)('opens and resolves incidents for a real Prometheus', async () => {
    let open = false;
    const gate = createServer((_, response) => response.writeHead(open ? 200 : 503).end());
    await new Promise<void>((resolve) => {
      gate.listen(0, '127.0.0.1', resolve);
    });
    await using _ = {
      [Symbol.asyncDispose]: async () => {
        gate.closeAllConnections();
        gate.close();
      },
    };
    await using server = await startPrometheus(
      pathOf(prometheus),
      `global: {evaluation_interval: 1s, scrape_interval: 1s, external_labels: {site: north}}
alerting: {alertmanagers: [{static_configs: [{targets: ['${new URL(program.web).host}']}]}]}
scrape_configs: [{job_name: gate, static_configs: [{targets: ['127.0.0.1:${(gate.address() as AddressInfo).port}']}]}]
rule_files: [rules.yml]
`,
      {
        'rules.yml':
          'groups: [{name: g, rules: [{alert: GateOpen, expr: \'up{job="gate"} == 1\', labels: {severity: critical}, annotations: {summary: told}}]}]\n',
      },
    );
    // What fires before the server has found its Alertmanager is told a minute later only.
    await waitFor('the server to find its Alertmanager', async () => {
      const { data } = await getJson<{ data: { activeAlertmanagers: { url: string }[] } }>(
        `${server.url}/api/v1/alertmanagers`,
      );
      return data.activeAlertmanagers.some(({ url }) => url === `${program.web}/api/v2/alerts`);
    });
    open = true;
    const opened = await waitFor('the incident', async () =>
      (await incidentsOf(program)).find(({ rule }) => rule.name === 'GateOpen'),
    );
    expect(opened).toMatchObject({
      title: 'told',
      rule: { file: 'alertmanager' },
      expression: 'up{job="gate"} == 1',
      value: null,
    });
    const alerts = await getJson<Alert[]>(`${program.web}/api/v2/alerts`);
    expect(alerts).toMatchObject([{ labels: { alertname: 'GateOpen', site: 'north' } }]);
    open = false;
    await waitFor('its resolution', async () => {
      const [incident] = await incidentsOf(program);
      return incident?.state === 'resolved';
    });
    expect(await incidentsOf(program)).toHaveLength(1);
  });

  const tool = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(pathOf(amtool), [`--alertmanager.url=${program.web}`, ...args]);
    return stdout;
  };

  it.skipIf('missing' in amtool)('is worked with amtool', async () => {
    await tool('alert', 'add', 'alertname=FromAmtool', 'instance=db-1', '--annotation=summary=by hand');
    expect(await tool('alert', 'query')).toMatch(/FromAmtool.*by hand.*active/);
    expect(await tool('alert', 'query', 'alertname=Other')).not.toContain('FromAmtool');
    const id = (
      await tool('silence', 'add', 'alertname=FromAmtool', '--duration=1h', '--author=ada', '--comment=swap')
    ).trim();
    expect(await tool('silence', 'query')).toMatch(new RegExp(`${id}.*alertname="FromAmtool".*ada.*swap`));
    expect(await tool('alert', 'query')).not.toContain('FromAmtool');
    expect(await tool('alert', 'query', '--silenced')).toContain('FromAmtool');
    await tool('silence', 'expire', id);
    expect(await tool('silence', 'query')).not.toContain(id);
    expect(await tool('silence', 'query', '--expired')).toContain(id);
    expect(await tool('alert', 'query')).toContain('FromAmtool');
    expect(await tool('config', 'show')).toContain('rule_files');
  });
});

it('keeps posted alerts and silences over a crash', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-alerts-'));
  await using _ = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
  const alert = { labels: { alertname: 'Posted', instance: 'db-1' } };
  await using first = await startProgram({ command: 'collector', directory });
  await post(first, 'alerts', [alert]);
  await post(first, 'silences', {
    matchers: [{ name: 'alertname', value: 'Posted', isRegex: false }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: 'ada',
    comment: 'swap',
  });
  await first.kill();
  await using second = await startProgram({ command: 'collector', directory });
  expect(await getJson(`${second.web}/api/v2/alerts`)).toMatchObject([
    { labels: alert.labels, status: { state: 'suppressed' } },
  ]);
  await post(second, 'alerts', [alert]);
  expect(await incidentsOf(second)).toMatchObject([{ state: 'new', rule: { name: 'Posted' } }]);
  await post(second, 'alerts', [{ ...alert, endsAt: new Date().toISOString() }]);
  expect(await incidentsOf(second)).toMatchObject([{ state: 'resolved' }]);
});

describe.skipIf('missing' in alertmanager)('a real Alertmanager', () => {
  it('is told of our alerts and of their end', async () => {
    await using server = await startAlertmanager(pathOf(alertmanager));
    const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-pushes-'));
    await using _ = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
    await using program = await startProgram({
      command: 'collector',
      directory,
      config: `global: {external_labels: {site: north}}
shippedRules: false
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ['${new URL(server.url).host}']}]}]}
`,
      files: { 'rules.yml': OWN_RULES },
    });
    const active = () => getJson<Alert[]>(`${server.url}/api/v2/alerts`);
    const [alert] = await waitFor('the alert', async () => {
      const alerts = await active();
      return alerts.length > 0 && alerts;
    });
    expect(alert).toMatchObject({
      labels: { alertname: 'CollectorSpeaks', severity: 'warning', site: 'north' },
      status: { state: expect.stringMatching(/active|unprocessed/) },
    });
    expect(new URL(alert?.generatorURL ?? '').searchParams.get('g0.expr')).toContain('vector(1)');
    const { data } = await getJson<{ data: { activeAlertmanagers: { url: string }[] } }>(
      `${program.web}/api/v1/alertmanagers`,
    );
    expect(data.activeAlertmanagers).toEqual([{ url: `${server.url}/api/v2/alerts` }]);
    // A rule that is taken away ends its alerts, and the Alertmanager hears of it.
    await writeFile(path.join(directory, 'rules.yml'), 'groups: []\n');
    program.process.kill('SIGHUP');
    await waitFor('the end of the alert', async () => (await active()).length === 0);
  });
});
