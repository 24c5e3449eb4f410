import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkDatabase } from '../page-sums/check-database.ts';
import { leaveOldSums } from '../page-sums/testing.ts';
import { faultText } from '../telemetry/embedded/verify/fault.ts';
import { backUpOffline } from './back-up-offline.ts';
import { refuseDamagedState } from './refuse-damaged-state.ts';
import { renewStateSums } from './renew-state-sums.ts';
import { fillStorage } from './testing.ts';
import { verifyBackup } from './verify-backup.ts';
import { verifyStorage } from './verify-storage.ts';

let directory: string;
let whole: string;
beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-state-'));
  whole = path.join(directory, 'whole');
  await fillStorage(whole);
}, 30_000);
afterAll(() => rmSync(directory, { recursive: true }));

function copy(name: string): string {
  const storagePath = path.join(directory, name);
  cpSync(whole, storagePath, { recursive: true, preserveTimestamps: true });
  return storagePath;
}

it('lets what is whole be opened', () => {
  expect(() => refuseDamagedState(whole)).not.toThrow();
  expect(() => refuseDamagedState(path.join(directory, 'none'))).not.toThrow();
});

it.each([
  ['hosts.sqlite', 'deleted', /agents and their keys.*remove .*hosts\.sqlite\.sums to begin/],
  ['hosts.sqlite', 'empty', /agents and their keys.*remove .*hosts\.sqlite\.sums to begin/],
  ['desk/journal.db', 'deleted', /incidents.*move .*desk away/],
  ['desk/journal.db', 'deleted with its checksums', /incidents.*move .*desk away/],
])('refuses to begin %s anew where it was %s, and verify names it', async (name, how, message) => {
  const storagePath = copy(`${how} ${path.basename(name)}`);
  const file = path.join(storagePath, name);
  if (how === 'empty') truncateSync(file, 0);
  else rmSync(file);
  if (how.includes('checksums')) rmSync(`${file}.sums`);
  expect(() => refuseDamagedState(storagePath)).toThrow(message);
  const { faults } = await verifyStorage(storagePath);
  expect(faults.map(faultText)).toContainEqual(
    expect.stringMatching(new RegExp(`^${name}: is missing or empty`)),
  );
});

it.each([
  ['what kind of file it is', 3],
  ['its version', 60],
])('refuses a database whose header changed in %s', async (what, at) => {
  const storagePath = copy(what);
  const file = path.join(storagePath, 'hosts.sqlite');
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  writeFileSync(file, bytes);
  expect(() => refuseDamagedState(storagePath)).toThrow(/hosts\.sqlite is damaged: its first page changed/);
  const { faults } = await verifyStorage(storagePath);
  expect(faults.map(faultText)).toContainEqual(expect.stringMatching(/^hosts\.sqlite: page 1 changed/));
});

it('opens databases whose checksums an earlier version left behind, and makes them anew', () => {
  const storagePath = copy('old-sums');
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  for (const name of ['hosts.sqlite', 'desk/journal.db']) leaveOldSums(path.join(storagePath, name), [1]);
  expect(() => refuseDamagedState(storagePath)).not.toThrow();
  for (let start = 0; start < 2; start++) renewStateSums(storagePath, log);
  expect(lines).toHaveLength(2);
  for (const name of ['hosts.sqlite', 'desk/journal.db']) {
    expect(checkDatabase(path.join(storagePath, name))).toMatchObject({ badPages: [], isTrusted: true });
  }
});

it('refuses such a database where its structure does not hold', () => {
  const storagePath = copy('old-damaged');
  const file = path.join(storagePath, 'hosts.sqlite');
  leaveOldSums(file, []);
  const bytes = readFileSync(file);
  // The kind of each page but the first.
  for (let at = 4096; at < bytes.length; at += 4096) bytes[at] = 99;
  writeFileSync(file, bytes);
  expect(() => renewStateSums(storagePath, pino({ level: 'silent' }))).toThrow(/hosts\.sqlite is damaged/);
});

it("refuses to go on under a new key where the journal's is gone; verify and a backup name it", async () => {
  const storagePath = copy('no-key');
  rmSync(path.join(storagePath, 'desk/journal-key.pem'));
  expect(() => refuseDamagedState(storagePath)).toThrow(/journal-key\.pem is missing.*move .*heads\.ndjson/);
  const { faults } = await verifyStorage(storagePath);
  expect(faults.map(faultText)).toEqual([
    expect.stringMatching(/^desk\/journal-key\.pem: is missing, and heads were signed with it/),
  ]);
  const target = path.join(directory, 'backup-without-key');
  const { signal } = new AbortController();
  const options = { base: null, now: Date.now, signal, onProgress: () => undefined };
  await backUpOffline({ ...options, storagePath, directory: target });
  const { manifest } = await verifyBackup(target);
  expect(manifest.damages).toMatchObject([{ path: 'desk/journal-key.pem' }]);
});

it("names a telemetry store's identity that is missing", async () => {
  const storagePath = copy('no-identity');
  rmSync(path.join(storagePath, 'telemetry/store.json'));
  const { faults } = await verifyStorage(storagePath);
  expect(faults.map(faultText)).toEqual([expect.stringMatching(/^telemetry\/store\.json: is missing/)]);
});
