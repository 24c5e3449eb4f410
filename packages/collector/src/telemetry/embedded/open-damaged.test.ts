import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaveHotJournal, leaveOldSums } from '../../page-sums/testing.ts';
import { systemFiles } from './files.ts';
import { DAY_MS } from './head/windows.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from './open-embedded-store.ts';
import { faultText } from './verify/fault.ts';
import { verifyStore } from './verify/verify-store.ts';

const DAY_0 = Date.UTC(2027, 0, 15);
const SERIES = 20;
/** Frames by where they are: days 1 to 3 are merged, the first is rolled up and dropped, the rest is in blocks and log. */
const STEP_MS = 20 * 60_000;
const MERGED = 150;
const RECENT = 130;
const PER_DAY = DAY_MS / STEP_MS;
/** The first is at the first step behind midnight. */
const OF_DAY_0 = PER_DAY - 1;
const OF_DAY_1 = PER_DAY;
const OF_DAY_2 = MERGED - OF_DAY_0 - OF_DAY_1;
const ALL = OF_DAY_1 + OF_DAY_2 + RECENT;

interface LogLine {
  readonly level: number;
  readonly msg: string;
}

let root: string;
let sequence = 0;

function open(path: string, lines: LogLine[], metrics = new Registry()): Promise<EmbeddedTelemetryStore> {
  const sink = { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) };
  return openEmbeddedStore({
    path,
    runtime: { now: () => DAY_0 + 3 * DAY_MS, log: pino({}, sink), metrics },
    options: { writer: { files: systemFiles }, commitIntervalMs: 1, rollupRetentionMs: 365 * DAY_MS },
  });
}

async function send(
  store: EmbeddedTelemetryStore,
  count: number,
  fromMs: number,
  stepMs: number,
): Promise<void> {
  const labels = Array.from({ length: SERIES }, (_, i) => Labels.of({ __name__: `m${i}` }));
  const refs = store.internSeries(labels);
  for (let i = 1; i <= count; i++) {
    sequence++;
    const values = Float64Array.from(labels, (_, slot) => Math.sin(sequence * (slot + 1)));
    const frame = { agentId: 'x', epoch: 1, sequence, refs, values, backfill: false };
    await store.appendFrame({ ...frame, timestampMs: fromMs + i * stepMs }).durable;
  }
}

async function sendOne(
  store: EmbeddedTelemetryStore,
  name: string,
  nth: number,
  timestampMs: number,
): Promise<void> {
  const refs = store.internSeries([Labels.of({ __name__: name })]);
  const values = Float64Array.of(nth);
  const frame = { agentId: 'x', epoch: 1, sequence: nth, timestampMs, refs, values, backfill: false };
  await store.appendFrame(frame).durable;
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-damaged-'));
  const store = await open(join(root, 'whole'), []);
  await send(store, MERGED, DAY_0, STEP_MS);
  await store.compact();
  await store.enforceRetention(DAY_0 + 31 * DAY_MS);
  await send(store, RECENT, DAY_0 + 3 * DAY_MS, 10_000);
  await store[Symbol.asyncDispose]();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Damage = 'deleted' | 'empty' | 'half' | 'torn' | 'middle' | 'head' | 'version' | 'unversioned';

const USER_VERSION_OFFSET = 60;

function damage(path: string, kind: Damage): void {
  const bytes = readFileSync(path);
  if (kind === 'deleted') return rmSync(path);
  if (kind === 'empty') return truncateSync(path, 0);
  if (kind === 'half') return truncateSync(path, bytes.length >> 1);
  if (kind === 'torn') return truncateSync(path, bytes.length - 3);
  // https://www.sqlite.org/fileformat2.html#user_version_number: big-endian, 1 or 2.
  if (kind === 'version') bytes[USER_VERSION_OFFSET] = 4;
  if (kind === 'unversioned') bytes[USER_VERSION_OFFSET + 3] = 0;
  if (kind === 'version' || kind === 'unversioned') return writeFileSync(path, bytes);
  const at = kind === 'head' ? 2 : bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 0x55;
  writeFileSync(path, bytes);
}

/** As if nobody had written for a while: verifying waits for what is in the middle of it. */
function settle(path: string): void {
  for (const name of filesOf(path)) utimesSync(join(path, name), 1, 1);
}

/** Without what readers of databases leave. */
function filesOf(path: string): string[] {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => !/-(?:wal|shm)$/.test(name));
}

interface Case {
  /** Directory or file; of a directory, its last file. */
  readonly file: string;
  readonly kinds: readonly Damage[];
  /** Samples of each series that are left: a number, or at least and less than. */
  readonly left: number | readonly [least: number, below: number];
  /** What is said at the start, beside what a crash leaves. */
  readonly said?: RegExp;
  /** What `verify` says; null where nothing is to be seen. */
  readonly verify: RegExp | null;
}

const DAY_1 = 'days/2027-01-16.db';
const cases: readonly Case[] = [
  {
    file: DAY_1,
    kinds: ['deleted', 'empty'],
    left: ALL - OF_DAY_1,
    said: /2027-01-16\.db is missing or empty/,
    verify: /2027-01-16\.db: is missing or empty/,
  },
  {
    file: DAY_1,
    kinds: ['half', 'head', 'version', 'unversioned'],
    left: ALL - OF_DAY_1,
    said: /2027-01-16\.db is damaged and was set aside/,
    verify: /2027-01-16\.db/,
  },
  { file: DAY_1, kinds: ['torn'], left: ALL, verify: /2027-01-16\.db: is no whole database/ },
  { file: `${DAY_1}.sums`, kinds: ['empty', 'middle', 'head'], left: ALL, verify: /checksums are damaged/ },
  { file: `${DAY_1}.sums`, kinds: ['deleted'], left: ALL, verify: null },
  {
    file: 'rollups/5m-2027-01.db',
    kinds: ['deleted', 'empty'],
    left: ALL,
    said: /5m-2027-01\.db is missing/,
    verify: /5m-2027-01\.db: is missing/,
  },
  {
    file: 'rollups/5m-2027-01.db',
    kinds: ['half', 'head', 'version', 'unversioned'],
    left: ALL,
    said: /5m-2027-01\.db is damaged and was set aside/,
    verify: /5m-2027-01\.db/,
  },
  { file: 'rollups/5m-2027-01.db', kinds: ['middle', 'torn'], left: ALL, verify: /5m-2027-01\.db/ },
  // The log has what was in a block, until it is dropped.
  { file: 'blocks', kinds: ['deleted', 'empty', 'half', 'torn'], left: ALL, verify: null },
  {
    file: 'blocks',
    kinds: ['middle', 'head'],
    left: ALL,
    said: /\.blocks is damaged at byte/,
    verify: /\.blocks: .*damaged/,
  },
  { file: 'log', kinds: ['torn'], left: [ALL - 1, ALL], verify: null },
  {
    file: 'log',
    kinds: ['head'],
    left: ALL,
    said: /\.log is damaged at byte 0/,
    verify: /\.log: is damaged at byte 0/,
  },
];

const lastIn = (path: string): string =>
  `${path}/${readdirSync(join(root, 'whole', path))
    .sort((a, b) => (a < b ? -1 : 1))
    .at(-1)}`;

describe('a store with a file that is', { timeout: 60_000 }, () => {
  const each = cases.flatMap((one) => one.kinds.map((kind) => ({ ...one, kind })));
  it.each(each)('$kind: $file', async ({ file, kind, left, said, verify }) => {
    const path = join(root, `${kind}-${file.replaceAll('/', '-')}`);
    cpSync(join(root, 'whole'), path, { recursive: true });
    damage(join(path, file.includes('.') ? file : lastIn(file)), kind);
    settle(path);
    const found = (await verifyStore(path)).faults.map(faultText).join('; ');
    if (verify === null) expect(found).toBe('');
    else expect(found).toMatch(verify);

    const lines: LogLine[] = [];
    const metrics = new Registry();
    const store = await open(path, lines, metrics);
    const errors = lines.filter(({ level }) => level >= 50).map(({ msg }) => msg);
    expect(errors).toHaveLength(said === undefined ? 0 : 1);
    if (said !== undefined) expect(errors[0]).toMatch(said);
    const counted = (await metrics.getSingleMetric('plimsoll_store_damaged_files')?.get())?.values[0]?.value;
    expect(counted).toBe(errors.length);
    // It goes on: appends, merges into the day that was damaged, and all else is as it was.
    const series = await store.select({ matchers: [], startMs: 0, endMs: Infinity });
    expect(series).toHaveLength(SERIES);
    const [least, below] = typeof left === 'number' ? [left, left + 1] : left;
    for (const { values } of series) {
      expect(values.length).toBeGreaterThanOrEqual(least);
      expect(values.length).toBeLessThan(below);
    }
    await send(store, 3, DAY_0 + DAY_MS, 1000);
    await store.compact();
    const after = await store.select({ matchers: [], startMs: 0, endMs: Infinity });
    expect(after[0]?.values.length).toBe((series[0]?.values.length ?? 0) + 3);
    await store[Symbol.asyncDispose]();
    if (said?.source.includes('set aside') !== true) return;
    // What was set aside is no part of the store any more.
    settle(path);
    const { faults, notes } = await verifyStore(path);
    expect(faults.map(faultText)).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/\.damaged-\d+: was found damaged .* set aside/)]);
  });

  it.each(['deleted', 'empty', 'half', 'head', 'middle', 'torn', 'version'] as const)(
    '%s: index.db is not opened, and nothing of it changes',
    async (kind) => {
      const path = join(root, `${kind}-index`);
      cpSync(join(root, 'whole'), path, { recursive: true });
      damage(join(path, 'index.db'), kind);
      settle(path);
      const before = filesOf(path);
      expect((await verifyStore(path)).faults.map(faultText).join()).toMatch(/index\.db/);
      const refused = expect.stringMatching(new RegExp(`${path}.*restore`));
      for (let attempt = 0; attempt < 2; attempt++) {
        await expect(open(path, [])).rejects.toMatchObject({ name: 'PlimsollError', message: refused });
      }
      expect(filesOf(path)).toEqual(before);
    },
  );

  it.each([
    ['deleted', /store\.json is missing, beside telemetry that is there/],
    ['changed', /store\.json changed since it was written/],
  ])('%s: store.json is not opened, and nothing of it changes', async (kind, message) => {
    const path = join(root, `${kind}-identity`);
    cpSync(join(root, 'whole'), path, { recursive: true });
    const file = join(path, 'store.json');
    if (kind === 'deleted') rmSync(file);
    else
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(/(?<="incarnation":")./, (was) => (was === '0' ? '1' : '0')),
      );
    settle(path);
    const before = filesOf(path);
    await expect(open(path, [])).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(message),
    });
    expect(filesOf(path)).toEqual(before);
  });

  it('no index.db is not begun anew beside the log alone', async () => {
    const path = join(root, 'log-alone');
    const store = await open(path, []);
    await sendOne(store, 'm', 1, DAY_0);
    await store[Symbol.asyncDispose]();
    rmSync(join(path, 'index.db'));
    settle(path);
    expect((await verifyStore(path)).faults.map(faultText)).toEqual([
      expect.stringMatching(/^index\.db: is missing/),
    ]);
    await expect(open(path, [])).rejects.toMatchObject({
      message: expect.stringMatching(/index\.db is missing/),
    });
  });

  it('an index that changed is opened as it is by whoever has no backup', async () => {
    const path = join(root, 'index-as-it-is');
    cpSync(join(root, 'whole'), path, { recursive: true });
    const file = join(path, 'index.db');
    const bytes = readFileSync(file);
    // Free space of the last page.
    bytes[bytes.length - 2000] = 1;
    writeFileSync(file, bytes);
    await expect(open(path, [])).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(
        /index\.db is damaged: page \d+ changed .* remove .*index\.db\.sums to open/,
      ),
    });
    rmSync(`${file}.sums`);
    await using store = await open(path, []);
    expect(await store.select({ matchers: [], startMs: 0, endMs: Infinity })).toHaveLength(SERIES);
  });

  it('is opened with checksums that an earlier version left behind, and they are made anew', async () => {
    const path = join(root, 'old-sums');
    cpSync(join(root, 'whole'), path, { recursive: true });
    for (const file of ['index.db', DAY_1, 'rollups/5m-2027-01.db']) leaveOldSums(join(path, file), [1, 2]);
    settle(path);
    const found = (await verifyStore(path)).faults.map(faultText);
    expect(found).toHaveLength(3);
    for (const text of found)
      expect(text).toMatch(/pages 1, 2 .*an earlier version of plimsoll may have left/);

    const lines: LogLine[] = [];
    const store = await open(path, lines);
    expect(lines.filter(({ level }) => level >= 40).map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/index\.db: 2 pages do not agree .* made anew/),
    ]);
    const [series] = await store.select({ matchers: [], startMs: 0, endMs: Infinity });
    expect(series?.values).toHaveLength(ALL);
    await send(store, 3, DAY_0 + DAY_MS, 1000);
    await store.compact();
    await store[Symbol.asyncDispose]();
    settle(path);
    // Day and rollups were written.
    expect((await verifyStore(path)).faults.map(faultText)).toEqual([]);
    const again: LogLine[] = [];
    await (await open(path, again))[Symbol.asyncDispose]();
    expect(again.filter(({ level }) => level >= 40)).toEqual([]);
  });

  it('is not opened where what such an index holds cannot be read', async () => {
    const path = join(root, 'old-damaged-sums');
    cpSync(join(root, 'whole'), path, { recursive: true });
    const file = join(path, 'index.db');
    leaveOldSums(file, []);
    const bytes = readFileSync(file);
    // The magic number of what zstd has packed.
    const at = bytes.indexOf(Buffer.of(0x28, 0xb5, 0x2f, 0xfd));
    bytes[at] = 0;
    writeFileSync(file, bytes);
    await expect(open(path, [])).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(/index\.db is damaged: .*restore it/),
    });
  });

  it('half founded is opened, and verify says so and changes nothing', async () => {
    const path = join(root, 'half-founded');
    cpSync(join(root, 'whole'), path, { recursive: true });
    const founded = ['days/2027-01-20.db', 'rollups/1h-2029.db', 'rollups/5m-2027-02.db'];
    for (const file of founded) leaveHotJournal(join(path, file));
    settle(path);
    const bytesOf = () => filesOf(path).map((name) => [name, statSync(join(path, name)).size]);
    const before = bytesOf();
    const { faults, notes } = await verifyStore(path);
    expect(faults).toEqual([]);
    expect(notes).toEqual(founded.map((file) => expect.stringMatching(`${file}: .* cut short`)));
    expect(bytesOf()).toEqual(before);
    const lines: LogLine[] = [];
    const store = await open(path, lines);
    expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
    await sendOne(store, 'm0', 100_000, Date.UTC(2027, 0, 20, 1));
    await store.compact();
    const [series] = await store.select({ matchers: [], startMs: 0, endMs: Infinity });
    expect(series?.values).toHaveLength(ALL + 1);
    await store[Symbol.asyncDispose]();
    settle(path);
    expect((await verifyStore(path)).faults.map(faultText)).toEqual([]);
  });

  it('a day with a damaged page fails the queries of that day, and says which', async () => {
    const path = join(root, 'damaged-page');
    cpSync(join(root, 'whole'), path, { recursive: true });
    const file = join(path, DAY_1);
    const bytes = readFileSync(file);
    // The kind of each page but the first, which has the schema.
    for (let at = 16_384; at < bytes.length; at += 16_384) bytes[at] = 99;
    writeFileSync(file, bytes);
    await using store = await open(path, []);
    const ask = (startMs: number) => store.select({ matchers: [], startMs, endMs: Infinity });
    await expect(ask(0)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/2027-01-16\.db cannot be read: .*run verify/),
    });
    expect((await ask(DAY_0 + 2 * DAY_MS))[0]?.values.length).toBe(OF_DAY_2 + RECENT);
  });

  it('changed in the log loses what is behind, and says so', async () => {
    const path = join(root, 'changed-log');
    cpSync(join(root, 'whole'), path, { recursive: true });
    rmSync(join(path, 'blocks'), { recursive: true });
    damage(join(path, lastIn('log')), 'middle');
    const lines: LogLine[] = [];
    await using store = await open(path, lines);
    expect(lines.filter(({ level }) => level >= 50).map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/\.log is damaged at byte \d+: \d+ bytes .*run verify/),
    ]);
    const [first] = await store.select({ matchers: [], startMs: 0, endMs: Infinity });
    expect(first?.values.length).toBeGreaterThan(OF_DAY_1 + OF_DAY_2);
    expect(first?.values.length).toBeLessThan(ALL);
  });

  it('changed in the log, where labels are, does not give their samples to another series', async () => {
    const path = join(root, 'labels');
    const first = await open(path, []);
    await sendOne(first, 'lost', 1, DAY_0);
    const labels = readFileSync(join(path, 'log', '0000000001.log'));
    await first[Symbol.asyncDispose]();
    const second = await open(path, []);
    await sendOne(second, 'lost', 2, DAY_0 + 1000);
    await second[Symbol.asyncDispose]();
    labels[30] = (labels[30] ?? 0) ^ 1;
    writeFileSync(join(path, 'log', '0000000001.log'), labels);
    await using third = await open(path, []);
    await sendOne(third, 'new', 3, DAY_0 + 2000);
    const found = await third.select({ matchers: [], startMs: 0, endMs: Infinity });
    expect(found.map((series) => series.labels.name)).toEqual(['new']);
    expect(found[0]?.values).toEqual(Float64Array.of(3));
  });
});
