import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Logger, pino } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fillStorage } from '../backup/testing.ts';
import { KeptFiles } from './kept-files.ts';
import { Scrub } from './scrub.ts';

let storagePath: string;
let lines: string[];
let metrics: Registry;
let log: Logger;

beforeEach(() => {
  storagePath = path.join(mkdtempSync(path.join(tmpdir(), 'plimsoll-scrub-')), 'data');
  lines = [];
  metrics = new Registry();
  log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
  for (const name of ['plimsoll_store_damaged_files', 'plimsoll_state_damaged_files']) {
    metrics.registerMetric(new Gauge({ name, help: name, registers: [] }));
  }
});
afterEach(() => rmSync(path.dirname(storagePath), { recursive: true }));

async function withScrub<T>(use: (scrub: Scrub) => Promise<T>): Promise<T> {
  for (const name of ['plimsoll_scrub_bytes_total', 'plimsoll_scrub_last_completed_timestamp_seconds']) {
    metrics.removeSingleMetric(name);
  }
  await using kept = new KeptFiles();
  await using scrub = await Scrub.start({
    runtime: { now: () => 1000, log, metrics },
    storagePath,
    kept,
    limits: { confirmPauseMs: 5, bytesPerSecond: 1e9, firstPassMs: 1e8 },
  });
  return await use(scrub);
}

async function valueOf(name: string): Promise<number | undefined> {
  return (await metrics.getSingleMetric(name)?.get())?.values[0]?.value;
}

function flip(file: string, at: number): void {
  const name = path.join(storagePath, file);
  const bytes = readFileSync(name);
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  writeFileSync(name, bytes);
}

const DAY = 'telemetry/days/2026-04-01.db';

it('reads every file with checksums, and accuses none that is whole', async () => {
  await fillStorage(storagePath);
  await withScrub(async (scrub) => {
    await scrub.pass();
    expect(await scrub.damagedFiles()).toEqual({ count: 0, files: [] });
    expect(await valueOf('plimsoll_scrub_bytes_total')).toBeGreaterThan(100_000);
    expect(await valueOf('plimsoll_scrub_last_completed_timestamp_seconds')).toBe(1);
  });
  expect(lines).toEqual([]);
});

it('tells once of a page that changed and of what it touches, counts it until it is mended, and remembers it', async () => {
  await fillStorage(storagePath);
  flip(DAY, 2 * 16_384 + 5000);
  await withScrub(async (scrub) => {
    await scrub.pass();
    await scrub.pass();
    const { count, files } = await scrub.damagedFiles();
    expect(count).toBe(1);
    expect(files[0]?.message).toMatch(
      /^telemetry\/days\/2026-04-01\.db: page 3 changed since it was written; affected: .*series.*2026-04-01T0/,
    );
    expect(await valueOf('plimsoll_store_damaged_files')).toBe(1);
    expect(await valueOf('plimsoll_state_damaged_files')).toBe(0);
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/page 3 changed since it was written.*restore it from a backup/);
  metrics.resetMetrics();
  await withScrub(async (scrub) => {
    expect((await scrub.damagedFiles()).count).toBe(1);
    expect(await valueOf('plimsoll_store_damaged_files')).toBe(1);
    flip(DAY, 4 * 16_384 + 5000);
    await scrub.pass();
    expect(lines).toHaveLength(2);
    flip(DAY, 4 * 16_384 + 5000);
    flip(DAY, 2 * 16_384 + 5000);
    await scrub.pass();
    expect((await scrub.damagedFiles()).count).toBe(0);
    expect(await valueOf('plimsoll_store_damaged_files')).toBe(0);
  });
});

it('finds a flipped bit in files of every other kind', async () => {
  await fillStorage(storagePath);
  const blocks = 'telemetry/blocks';
  await withScrub(async (scrub) => {
    const kinds = [
      'desk/journal.db',
      'hosts.sqlite',
      'telemetry/index.db',
      `${blocks}/${nameIn(blocks)}`,
      `telemetry/log/${nameIn('telemetry/log')}`,
    ];
    for (const file of kinds) flip(file, 300);
    flip('telemetry/days/2026-04-01.db.sums', 50);
    await scrub.pass();
    const { files } = await scrub.damagedFiles();
    expect(files.map(({ file }) => file).toSorted()).toEqual([...kinds, DAY].toSorted());
    expect(await valueOf('plimsoll_state_damaged_files')).toBe(2);
    expect(await valueOf('plimsoll_store_damaged_files')).toBe(4);
  });
});

it('tells of a database that is cut short or gone, and forgets one that was dropped', async () => {
  await fillStorage(storagePath);
  await withScrub(async (scrub) => {
    const name = path.join(storagePath, DAY);
    truncateSync(name, 3 * 16_384);
    await scrub.pass();
    expect((await scrub.damagedFiles()).files[0]?.message).toMatch(/ends after 3 of \d+ pages/);
    rmSync(name);
    await scrub.pass();
    expect((await scrub.damagedFiles()).files[0]?.message).toMatch(/is missing or empty/);
    rmSync(`${name}.sums`);
    await scrub.pass();
    expect((await scrub.damagedFiles()).count).toBe(0);
  });
});

it('shows what was set aside until somebody removes it', async () => {
  await fillStorage(storagePath);
  const aside = path.join(storagePath, `${DAY}.damaged-17`);
  await withScrub(async (scrub) => {
    appendFileSync(aside, 'x');
    appendFileSync(`${aside}.sums`, 'x');
    await scrub.pass();
    const { count, files } = await scrub.damagedFiles();
    expect(count).toBe(1);
    expect(files[0]?.message).toMatch(/2026-04-01\.db\.damaged-17: was found damaged and set aside/);
    rmSync(aside);
    expect((await scrub.damagedFiles()).count).toBe(0);
  });
  expect(lines).toEqual([]);
});

it('ends at once when it is disposed', async () => {
  await fillStorage(storagePath);
  await using kept = new KeptFiles();
  const scrub = await Scrub.start({
    runtime: { now: () => 1000, log, metrics },
    storagePath,
    kept,
    limits: { bytesPerSecond: 1, firstPassMs: 1e8 },
  });
  const pass = scrub.pass().catch((error: unknown) => error);
  await scrub[Symbol.asyncDispose]();
  expect(await pass).toMatchObject({ name: 'AbortError' });
});

function nameIn(directory: string): string {
  return readdirSync(path.join(storagePath, directory))[0] ?? '';
}
