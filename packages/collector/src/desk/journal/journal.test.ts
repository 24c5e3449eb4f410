import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JournalEntry } from './event.ts';
import { openHeadSigner } from './head-signer.ts';
import { Journal, newId } from './journal.ts';
import { verifyJournal } from './verify-journal.ts';

// Every commit waits for the disk, which other suites may keep busy.
vi.setConfig({ testTimeout: 60_000 });

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-journal-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

function open(): Journal {
  return new Journal(path.join(directory, 'journal.db'));
}

function entry(version: number, changes: Partial<JournalEntry> = {}): JournalEntry {
  return {
    type: 'incident.noted',
    schemaVersion: 1,
    occurredAtMs: 1_000 + version,
    payload: { text: `marker ${version}` },
    id: newId(),
    aggregate: 'incident/a',
    version,
    recordedAtMs: 2_000 + version,
    clockOffsetMs: 0.5,
    actor: { kind: 'user', id: 'person-1' },
    causeId: null,
    correlationId: 'c',
    idempotencyKey: null,
    ruleHash: 'r',
    catalogueHash: null,
    matrixHash: 'm',
    ...changes,
  };
}

function append(journal: Journal, ...entries: readonly JournalEntry[]): void {
  journal.append({ entries, snapshots: new Map(), people: new Map() });
}

test('keeps the whole envelope, chained', async () => {
  using journal = open();
  const first = entry(1, { idempotencyKey: 'k' });
  append(journal, first, entry(2));
  append(journal, entry(1, { aggregate: 'incident/b' }));
  expect(journal.after(0, 10).map(({ position }) => position)).toEqual([1, 2, 3]);
  expect(journal.after(0, 1)[0]).toEqual({
    ...first,
    position: 1,
    tzdataVersion: process.versions.tz,
    payloadHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(journal.byIdempotencyKey('k')?.position).toBe(1);
  expect(await verifyJournal(directory)).toMatchObject({
    events: 3,
    headHash: journal.head.hash,
    faults: [],
  });
});

test('refuses a version or a key that is taken, and then wrote nothing', () => {
  using journal = open();
  append(journal, entry(1, { idempotencyKey: 'k' }));
  expect(() => append(journal, entry(2), entry(2))).toThrow(expect.objectContaining({ code: 'conflict' }));
  expect(() => append(journal, entry(2, { idempotencyKey: 'k' }))).toThrow(
    expect.objectContaining({ code: 'conflict' }),
  );
  expect(journal.head.position).toBe(1);
  append(journal, entry(2));
});

test('cannot be changed through SQL; a payload can be redacted and the chain holds', async () => {
  using journal = open();
  append(journal, entry(1), entry(2));
  {
    using db = new DatabaseSync(path.join(directory, 'journal.db'));
    expect(() => db.exec('DELETE FROM event')).toThrow(/append-only/);
    expect(() => db.exec("UPDATE event SET type = 'x'")).toThrow(/append-only/);
    expect(() => db.exec("UPDATE event SET payload = '{}'")).toThrow(/redacted/);
  }
  journal.redact(journal.after(0, 1)[0]?.id ?? '');
  expect(journal.after(0, 1)[0]?.payload).toBeNull();
  expect(await verifyJournal(directory)).toMatchObject({ redacted: 1, faults: [] });
});

test('forgets a name and keeps what was done under its id', async () => {
  using journal = open();
  const people = new Map([['person-1', 'alice']]);
  const snapshots = new Map([['h', 'content']]);
  journal.append({ entries: [entry(1)], snapshots: new Map(), people });
  expect([journal.personId('alice'), journal.personName('person-1')]).toEqual(['person-1', 'alice']);
  journal.erasePerson('person-1');
  expect([journal.personId('alice'), journal.personName('person-1')]).toEqual([undefined, null]);
  expect((await verifyJournal(directory)).faults).toEqual([]);
  journal.append({ entries: [], snapshots, people: new Map() });
  expect(journal.snapshot('h')).toBe('content');
  expect((await verifyJournal(directory)).faults).toEqual(['snapshot h: its content was changed']);
});

test('a newer file is refused, its version named', () => {
  open()[Symbol.dispose]();
  {
    using db = new DatabaseSync(path.join(directory, 'journal.db'));
    db.exec('PRAGMA user_version = 2');
  }
  expect(open).toThrow(
    expect.objectContaining({ code: 'configuration', message: expect.stringMatching(/version 2.*up to 1/) }),
  );
});

describe('verification finds', () => {
  test('a flipped byte anywhere in an event', async () => {
    const journal = open();
    append(journal, entry(1), entry(2), entry(3));
    journal[Symbol.dispose]();
    const file = path.join(directory, 'journal.db');
    const bytes = await readFile(file);
    const at = bytes.indexOf('marker 2');
    bytes[at + 3] = (bytes[at + 3] ?? 0) ^ 1;
    await writeFile(file, bytes);
    expect((await verifyJournal(directory)).faults).toEqual([
      'event 2 (incident.noted): its payload was changed',
    ]);
  });

  test('a changed column, a removed event and a cut end', async () => {
    const journal = open();
    append(journal, entry(1), entry(2), entry(3));
    const signer = await openHeadSigner(directory);
    await signer.export(journal.head, 5);
    await appendFile(path.join(directory, 'heads.ndjson'), '{"position":3,"ha');
    await signer.export(journal.head, 6);
    expect(await verifyJournal(directory)).toMatchObject({ heads: 2, faults: [] });
    journal[Symbol.dispose]();
    using db = new DatabaseSync(path.join(directory, 'journal.db'));
    db.exec('DROP TRIGGER event_unchanged; DROP TRIGGER event_stays');
    db.exec("UPDATE event SET actor_id = 'somebody' WHERE position = 2");
    expect((await verifyJournal(directory)).faults).toEqual([
      'event 2 (incident.noted): the chain is broken',
    ]);
    db.exec("UPDATE event SET actor_id = 'person-1'; DELETE FROM event WHERE position = 2");
    expect((await verifyJournal(directory)).faults).toContain(
      'event 3 (incident.noted): an event before it is missing',
    );
    db.exec('DELETE FROM event WHERE position = 3');
    expect((await verifyJournal(directory)).faults).toEqual([
      'a head was signed at event 3, yet the journal ends at 1',
    ]);
    const heads = path.join(directory, 'heads.ndjson');
    await writeFile(heads, (await readFile(heads, 'utf8')).replaceAll('"position":3', '"position":1'));
    expect((await verifyJournal(directory)).faults).toEqual(
      Array(2).fill('the signed head at event 1 has a wrong signature'),
    );
  });
});

test('the signing key is readable by its owner alone, and kept', async () => {
  const a = await openHeadSigner(directory);
  const b = await openHeadSigner(directory);
  expect(a.publicKey.equals(b.publicKey)).toBe(true);
  expect((await stat(path.join(directory, 'journal-key.pem'))).mode & 0o777).toBe(0o600);
});

test('what was committed survives kill -9', async () => {
  const program = `
    import { Journal, newId } from ${JSON.stringify(new URL('journal.ts', import.meta.url).href)};
    const journal = new Journal(process.argv[1]);
    const envelope = { type: 't', schemaVersion: 1, occurredAtMs: 1, payload: {}, aggregate: 'a/b', recordedAtMs: 1,
      clockOffsetMs: null, actor: { kind: 'system', id: 's' }, causeId: null, correlationId: 'c', idempotencyKey: null,
      ruleHash: null, catalogueHash: null, matrixHash: null };
    for (let version = 1; ; version++) {
      journal.append({ entries: [{ ...envelope, id: newId(), version }], snapshots: new Map(), people: new Map() });
      process.stdout.write(version + '\\n');
    }`;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', program, path.join(directory, 'journal.db')],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  let told = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    told = Number(line);
    if (told === 200) child.kill('SIGKILL');
  }
  await ended;
  expect(told).toBeGreaterThanOrEqual(200);
  using journal = open();
  expect(journal.head.position).toBeGreaterThanOrEqual(told);
  expect((await verifyJournal(directory)).faults).toEqual([]);
});

test('a journal that cannot be read says which file it is, and what to do', async () => {
  const file = path.join(directory, 'journal.db');
  {
    using journal = open();
    for (let version = 1; version <= 400; version++) append(journal, entry(version));
  }
  const bytes = await readFile(file);
  bytes.fill(0xff, 4096, bytes.length - 4096);
  await writeFile(file, bytes);
  expect(() => {
    using journal = open();
    journal.after(0, 1000);
  }).toThrow(/journal\.db cannot be read: .*run verify, or restore it from a backup/);
});
