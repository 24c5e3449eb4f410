import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { type Ledger, startRecordedFleet } from '../support/fleet.ts';
import { freePort } from '../support/free-port.ts';
import { getJson, type Program, runProgram, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const HOSTS = 10;
const INTERVAL_MS = 1000;

interface Matrix {
  readonly data: {
    readonly result: { readonly metric: Record<string, string>; readonly values: [number, string][] }[];
  };
}

interface Incidents {
  readonly items: { readonly id: string; readonly title: string }[];
}

/** The samples of `node_load1`, the first slot of each simulated host, by instance and timestamp. */
async function stored(program: Program): Promise<Map<string, Map<number, number>>> {
  const query = encodeURIComponent('node_load1[1h]');
  const { data } = await getJson<Matrix>(`${program.web}/api/v1/query?query=${query}`);
  return new Map(
    data.result.map(({ metric, values }) => [
      metric['instance'] ?? '',
      new Map(values.map(([at, value]) => [Math.round(at * 1000), Number(value)])),
    ]),
  );
}

function acknowledged(ledgers: Map<string, Ledger>): Map<string, Set<number>> {
  return new Map([...ledgers].map(([instance, ledger]) => [instance, new Set(ledger.acknowledged)]));
}

/** Everyone has this many frames acknowledged beyond what they had. */
async function progress(ledgers: Map<string, Ledger>, frames: number): Promise<void> {
  const before = acknowledged(ledgers);
  await waitFor('more frames', () =>
    [...ledgers].every(
      ([instance, ledger]) => ledger.acknowledged.size >= (before.get(instance)?.size ?? 0) + frames,
    ),
  );
}

async function openIncident(program: Program, title: string): Promise<void> {
  const answer = await fetch(`${program.web}/api/plimsoll/v1/incidents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title, service: 'this-host', severity: 'critical' }),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

async function incidents(program: Program): Promise<string[]> {
  const { items } = await getJson<Incidents>(`${program.web}/api/plimsoll/v1/incidents?state=all`);
  return items.map(({ title }) => title).toSorted();
}

function journalled(storagePath: string, type: string): Record<string, unknown>[] {
  using journal = new DatabaseSync(path.join(storagePath, 'desk/journal.db'), { readOnly: true });
  const rows = journal.prepare('SELECT payload FROM event WHERE type = ? ORDER BY position').all(type);
  return rows.map(({ payload }) => JSON.parse(String(payload)) as Record<string, unknown>);
}

interface Moments {
  readonly ackedBefore: Map<string, Set<number>>;
  readonly ackedAtKill: Map<string, Set<number>>;
  readonly madeUntilBackup: Map<string, Set<number>>;
  readonly madeAtReturn: Map<string, number[]>;
}

function holds(moment: Map<string, Set<number>>, name: string, at: number): boolean {
  return moment.get(name)?.has(at) === true;
}

/** What was acknowledged before the backup, or never, must be there; what was acknowledged only after it must not. */
function compare(
  samples: Map<string, Map<number, number>>,
  ledgers: Map<string, Ledger>,
  { ackedBefore, ackedAtKill, madeUntilBackup, madeAtReturn }: Moments,
): { faults: string[]; lost: Map<string, number> } {
  const faults: string[] = [];
  const lost = new Map<string, number>();
  for (const [name, ledger] of ledgers) {
    const have = samples.get(name) ?? new Map<number, number>();
    for (const at of madeAtReturn.get(name) ?? []) {
      const isKept = holds(ackedBefore, name, at) || !holds(ackedAtKill, name, at);
      const isLost = !isKept && !holds(madeUntilBackup, name, at);
      if (isKept && have.get(at) !== ledger.made.get(at)) faults.push(`${name} misses ${at}`);
      if (isLost && have.has(at)) faults.push(`${name} has ${at}, acknowledged after the backup`);
      if (!have.has(at)) lost.set(name, (lost.get(name) ?? 0) + 1);
    }
  }
  return { faults, lost };
}

it('backs up under load, and a restored collector has the cut exactly, then what spools had, and a gap between', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-backup-'));
  const backup = path.join(directory, 'backup');
  const restoredPath = path.join(directory, 'restored');
  const titles: string[] = [];
  const webhookPort = await freePort();
  const web = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      titles.push(body);
      response.end();
    });
  });
  const options = {
    command: 'collector',
    directory,
    config: `notifications: {channels: [{kind: webhook, name: hook, url: "http://127.0.0.1:${webhookPort}/"}]}`,
  } as const;
  let program = await startProgram({ ...options, storagePath: path.join(directory, 'data') });
  const address = program.grpc;
  const { fleet, ledgers } = startRecordedFleet({ address, hosts: HOSTS, intervalMs: INTERVAL_MS, seed: 1 });
  try {
    await waitFor('the fleet', () => fleet.stats().connected === HOSTS);
    // Nobody listens on the webhook's port yet: its message waits in the queue that is backed up.
    await openIncident(program, 'before the cut');
    await progress(ledgers, 4);
    const before = await getJson<{ incarnation: string }>(`${program.web}/api/plimsoll/v1/status`);

    const ackedBefore = acknowledged(ledgers);
    const taken = await runProgram(['backup', backup, '--storage.path', program.storagePath]);
    expect(taken, taken.stderr).toMatchObject({ code: 0 });
    const madeUntilBackup = new Map(
      [...ledgers].map(([name, ledger]) => [name, new Set(ledger.made.keys())]),
    );
    for (const what of [
      ['--storage.path', program.storagePath],
      ['--backup', backup],
    ]) {
      const sound = await runProgram(['verify', ...what]);
      expect(sound, sound.stderr).toMatchObject({ code: 0 });
      expect(sound.stdout).toMatch(/^whole: /);
    }
    await progress(ledgers, 5);
    await openIncident(program, 'after the cut');
    await program.kill();
    const ackedAtKill = acknowledged(ledgers);
    // Collected while there is no collector: they wait in the spools.
    const madeAtKill = new Map([...ledgers].map(([name, ledger]) => [name, ledger.made.size]));
    await waitFor('frames in the spools', () =>
      [...ledgers].every(([name, ledger]) => ledger.made.size > (madeAtKill.get(name) ?? 0) + 2),
    );

    const restored = await runProgram(['restore', backup, '--storage.path', restoredPath]);
    expect(restored, restored.stderr).toMatchObject({ code: 0 });
    const again = await runProgram(['restore', backup, '--storage.path', restoredPath]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(`${restoredPath} is not empty`);

    await new Promise<void>((resolve) => {
      web.listen(webhookPort, '127.0.0.1', resolve);
    });
    program = await startProgram({
      ...options,
      storagePath: restoredPath,
      args: ['--grpc.listen-address', address],
    });
    const after = await getJson<{ incarnation: string }>(`${program.web}/api/plimsoll/v1/status`);
    expect(after.incarnation).not.toBe(before.incarnation);
    expect(await incidents(program)).toEqual(['before the cut']);
    await waitFor('the fleet to return', () => fleet.stats().connected === HOSTS, 60_000);
    const madeAtReturn = new Map([...ledgers].map(([name, ledger]) => [name, [...ledger.made.keys()]]));
    await waitFor('the spools to be empty', () =>
      [...ledgers].every(([name, ledger]) =>
        (madeAtReturn.get(name) ?? []).every((at) => ledger.acknowledged.has(at)),
      ),
    );
    const samples = await stored(program);
    const { faults, lost } = compare(samples, ledgers, {
      ackedBefore,
      ackedAtKill,
      madeUntilBackup,
      madeAtReturn,
    });
    expect(faults).toEqual([]);
    expect(lost.size).toBe(HOSTS);

    const gaps = await waitFor(
      'the gaps in the journal',
      () => {
        const found = journalled(restoredPath, 'stream.gap');
        return found.length >= HOSTS && found;
      },
      40_000,
    );
    const counted = gaps.map(
      ({ instance, first, last }) => [instance, Number(last) - Number(first) + 1] as const,
    );
    expect(new Map(counted)).toEqual(lost);
    expect(journalled(restoredPath, 'collector.restored')).toMatchObject([
      { previousIncarnation: before.incarnation, incarnation: after.incarnation, droppedMessages: 1 },
    ]);
    // A new incident is told, so the one of the past would have been too.
    await openIncident(program, 'after the restore');
    await waitFor('the webhook', () => titles.some((body) => body.includes('after the restore')));
    expect(titles.filter((body) => body.includes('before the cut'))).toEqual([]);
    expect(await incidents(program)).toEqual(['after the restore', 'before the cut']);
    const verified = await runProgram(['verify', '--storage.path', restoredPath]);
    expect(verified, verified.stderr).toMatchObject({ code: 0 });
  } finally {
    await fleet[Symbol.asyncDispose]();
    await program[Symbol.asyncDispose]();
    web.close();
    await rm(directory, { recursive: true, force: true });
  }
}, 180_000);

it('says in words that there is nothing to back up, or nothing to restore', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-backup-'));
  try {
    const nothing = await runProgram(['backup', path.join(directory, 'b'), '--storage.path', directory]);
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toContain('there is no data');
    const unfinished = await runProgram(['restore', directory, '--storage.path', path.join(directory, 'x')]);
    expect(unfinished.code).toBe(1);
    expect(unfinished.stderr).toContain('has no manifest.json');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
