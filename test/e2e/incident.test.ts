import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getJson, type Program, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

/** Every field the contract promises, with what it may be. */
const CONTRACT_FIELDS = [
  'id',
  'number',
  'state',
  'title',
  'category',
  'severity',
  'impact',
  'urgency',
  'priority',
  'service',
  'services',
  'resources',
  'signature',
  'occurrence',
  'onsetAt',
  'detectedAt',
  'openedAt',
  'acknowledgedAt',
  'resolvedAt',
  'recoveredAt',
  'closedAt',
  'assignee',
  'major',
  'outage',
  'rule',
  'expression',
  'value',
  'threshold',
  'sla',
  'continuity',
  'problem',
  'knownErrors',
  'runbooks',
  'suspectChanges',
  'forecast',
  'timeline',
];

const RULES = `
groups:
  - name: queue
    interval: 1s
    rules:
      - alert: QueueLong
        expr: queue_length > 10
        labels: {severity: warning, category: performance}
        annotations: {summary: 'The queue of {{ $labels.instance }} has {{ $value }} entries'}
`;

interface Incident {
  readonly id: string;
  readonly number: number;
  readonly state: string;
  readonly occurrence: number;
  readonly problem: string | null;
  readonly openedAt: string;
  readonly onsetAt: string;
  readonly recoveredAt: string | null;
  readonly [field: string]: unknown;
}

let textfiles: string;

beforeEach(async () => {
  textfiles = await mkdtemp(path.join(tmpdir(), 'plimsoll-textfile-'));
});
afterEach(async () => rm(textfiles, { recursive: true, force: true }));

async function queueLength(value: number): Promise<void> {
  const file = path.join(textfiles, 'queue.prom');
  await writeFile(`${file}.new`, `# TYPE queue_length gauge\nqueue_length ${value}\n`);
  await rename(`${file}.new`, file);
}

async function start(desk: string): Promise<Program> {
  return startProgram({
    config: `rule_files: [rules.yml]\n${desk}`,
    files: { 'rules.yml': RULES },
    args: ['--agent.collect.interval', '500ms', '--agent.collector.textfile.directory', textfiles],
  });
}

async function incidents(program: Program): Promise<Incident[]> {
  const { items } = await getJson<{ items: Incident[] }>(
    `${program.web}/api/plimsoll/v1/incidents?state=all`,
  );
  return items.filter(({ rule }) => (rule as { name?: string } | null)?.name === 'QueueLong');
}

function timeline(incident: Incident | undefined): { type: string }[] {
  return (incident?.['timeline'] ?? []) as { type: string }[];
}

/** One breach and its recovery; answers the incident after it. */
async function round(program: Program, occurrence: number): Promise<Incident> {
  await queueLength(20 + occurrence);
  await waitFor('an open incident', async () =>
    (await incidents(program)).some(({ state }) => state === 'new'),
  );
  await queueLength(1);
  return waitFor('its resolution', async () => {
    const all = await incidents(program);
    return (
      all.every(({ state }) => state === 'resolved') &&
      all.find((incident) => incident.occurrence === occurrence)
    );
  });
}

describe('a breach on this host', () => {
  it('opens one incident with every contract field within 2 s, and recovery resolves it', async () => {
    await queueLength(1);
    await using program = await start('');
    await waitFor('the first sample', async () => {
      const { data } = await getJson<{ data: { result: unknown[] } }>(
        `${program.web}/api/v1/query?query=queue_length`,
      );
      return data.result.length > 0;
    });
    const breachedAt = Date.now();
    await queueLength(42);
    const [incident] = await waitFor('the incident', async () => {
      const all = await incidents(program);
      return all.length > 0 && all;
    });
    // Half a second until the agent collects, then at most two.
    expect(Date.now() - breachedAt).toBeLessThan(2500);
    expect(Object.keys(incident ?? {})).toEqual(expect.arrayContaining(CONTRACT_FIELDS));
    expect(incident).toMatchObject({
      state: 'new',
      category: 'performance',
      severity: 'warning',
      value: 42,
      threshold: 10,
      service: 'this-host',
      occurrence: 1,
      rule: { group: 'queue', name: 'QueueLong' },
    });
    expect(Date.parse(incident?.openedAt ?? '') - Date.parse(incident?.onsetAt ?? '')).toBeLessThan(2000);

    await queueLength(2);
    const resolved = await waitFor('the resolution', async () => {
      const [only] = await incidents(program);
      return only?.state === 'resolved' && only;
    });
    expect(resolved.recoveredAt).not.toBeNull();
    expect((await incidents(program)).length).toBe(1);
  });

  it('makes one problem of three rounds when the reopen grace is zero', async () => {
    await queueLength(1);
    await using program = await start('desk: {reopenGrace: 0s}\n');
    for (const occurrence of [1, 2, 3]) await round(program, occurrence);
    const all = await incidents(program);
    expect(new Set(all.map(({ occurrence }) => occurrence))).toEqual(new Set([1, 2, 3]));
    expect(all.length).toBe(3);
    const { items } = await getJson<{ items: { id: string; incidents: { id: string }[] }[] }>(
      `${program.web}/api/plimsoll/v1/problems`,
    );
    expect(items.length).toBe(1);
    expect(items[0]?.incidents.map(({ id }) => id).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    expect(all.at(-1)?.problem ?? all[0]?.problem).toBe(items[0]?.id);
  });

  it('reopens the same incident within the default grace, over a kill -9 in between', async () => {
    await queueLength(1);
    const first = await start('');
    await round(first, 1);
    await first.kill();
    await using program = await startProgram({
      storagePath: first.storagePath,
      directory: path.dirname(first.storagePath),
      config: 'rule_files: [rules.yml]\n',
      files: { 'rules.yml': RULES },
      args: ['--agent.collect.interval', '500ms', '--agent.collector.textfile.directory', textfiles],
    });
    await round(program, 1);
    const all = await incidents(program);
    expect(all.length).toBe(1);
    const types = timeline(all[0]).map(({ type }) => type);
    expect(types.filter((type) => type.includes('reopened')).length).toBe(1);
    const { items } = await getJson<{ items: unknown[] }>(`${program.web}/api/plimsoll/v1/problems`);
    expect(items).toEqual([]);
    await first[Symbol.asyncDispose]();
  });
});
