import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { Labels } from '@plimsoll/promql';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createBackup } from '../backup/create-backup.ts';
import type { Damage } from '../backup/manifest.ts';
import { SumsKeeper } from '../page-sums/sums-keeper.ts';
import { checkpoint } from '../page-sums/checkpoint.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';
import { KeptFiles } from './kept-files.ts';
import { Scrub } from './scrub.ts';

const LOAD_MS = process.env['PLIMSOLL_TEST_LONG'] === '1' ? 60_000 : 4000;
const seed = Number(process.env['PLIMSOLL_SEED'] ?? Date.now() % 1_000_000_007);
const DAY_MS = 86_400_000;
const BASE_MS = 1_800_000_000_000;
const SERIES = 100;
const OLD = [[{ name: '__name__', type: '=', value: 'old' }]] as const;

let directory: string;
let storagePath: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-scrub-load-'));
  storagePath = path.join(directory, 'data');
  mkdirSync(storagePath);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Whole numbers below a limit. */
function seeded(): (below: number) => number {
  process.stdout.write(`scrub under load: seed ${seed} (repeat with PLIMSOLL_SEED=${seed})\n`);
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Appends without end, as fast as it is acknowledged, and has all that moves, deletes and copies run beside it. */
class Load {
  readonly #store: EmbeddedTelemetryStore;
  readonly #random: (below: number) => number;
  readonly #until = performance.now() + LOAD_MS;
  readonly ran: Record<string, number> = {};
  readonly damages: Damage[] = [];

  constructor(store: EmbeddedTelemetryStore, random: (below: number) => number) {
    this.#store = store;
    this.#random = random;
  }

  get isOver(): boolean {
    return performance.now() > this.#until;
  }

  async append(): Promise<void> {
    const refs = this.#store.internSeries(
      Array.from({ length: SERIES }, (_, i) => Labels.of({ __name__: `m${i}`, instance: 'a' })),
    );
    for (let sequence = 1; !this.isOver; sequence++) {
      const values = Float64Array.from(refs, () => this.#random(1_000_000));
      const timestampMs = BASE_MS + sequence * 60_000;
      const frame = { agentId: 'a', epoch: 1, sequence, timestampMs, refs, values, backfill: false };
      const { durable } = this.#store.appendFrame(frame);
      if (sequence % 10 === 0) await durable;
      await turn();
    }
  }

  async maintain(): Promise<void> {
    const store = this.#store;
    const oldRefs = store.internSeries([Labels.of({ __name__: 'old' })]);
    let oldMs = BASE_MS - 5 * DAY_MS;
    let backups = 0;
    const phases: Record<string, () => Promise<unknown>> = {
      compact: () => store.compact(),
      delete: () => store.deleteSeries(OLD, oldMs - 3_600_000, oldMs),
      clean: () => store.cleanDeleted(),
      retention: () => store.enforceRetention(oldMs + 31 * DAY_MS),
      backup: () => this.#backUp(path.join(directory, `backup-${++backups}`)),
    };
    const names = Object.keys(phases);
    while (!this.isOver) {
      for (let i = 0; i < 20; i++) {
        store.appendSamples({
          refs: oldRefs,
          timestampsMs: Float64Array.of((oldMs += 60_000 + this.#random(600_000))),
          values: Float64Array.of(1),
        });
      }
      const name = names[this.#random(names.length)] ?? '';
      await phases[name]?.();
      this.ran[name] = (this.ran[name] ?? 0) + 1;
    }
  }

  /** As other parts write theirs: in transactions of any size, with checkpoints that readers block. */
  async write(file: string): Promise<void> {
    using database = new DatabaseSync(file);
    database.exec('PRAGMA wal_autocheckpoint = 0');
    const change = database.prepare('UPDATE t SET data = randomblob(?) WHERE id % 7 = ?');
    const add = database.prepare('INSERT INTO t (data) VALUES (randomblob(?))');
    const drop = database.prepare('DELETE FROM t WHERE id <= (SELECT max(id) FROM t) - 60');
    while (!this.isOver) {
      add.run(this.#random(6000));
      drop.run();
      change.run(this.#random(6000), this.#random(7));
      using reader = this.#random(3) === 0 ? new DatabaseSync(file, { readOnly: true }) : undefined;
      reader?.exec('BEGIN; SELECT count(*) FROM t');
      if (this.#random(2) === 0) checkpoint(database, file);
      await turn();
    }
  }

  async #backUp(target: string): Promise<void> {
    const { damages } = await createBackup({
      storagePath,
      directory: target,
      base: null,
      backUp: (copy) => this.#store.backUp(copy),
      online: true,
      configuration: [],
      now: () => BASE_MS,
      signal: AbortSignal.timeout(60_000),
      onProgress: () => undefined,
    });
    this.damages.push(...(damages ?? []));
    rmSync(target, { recursive: true });
  }
}

it('accuses nobody however files are written meanwhile, and finds one flipped bit afterwards', async () => {
  const random = seeded();
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const runtime = { now: () => BASE_MS, log, metrics: new Registry() };
  await using kept = new KeptFiles();
  await using store = await openEmbeddedStore({
    path: path.join(storagePath, 'telemetry'),
    runtime,
    options: { commitIntervalMs: 2, rollupRetentionMs: 365 * DAY_MS },
  });
  const journal = path.join(storagePath, 'hosts.sqlite');
  {
    using database = new DatabaseSync(journal);
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB)');
  }
  using sums = new SumsKeeper(runtime);
  sums.watch(journal);
  const limits = { confirmPauseMs: 10, bytesPerSecond: 1e9, firstPassMs: 1e8 };
  await using scrub = await Scrub.start({ runtime, storagePath, kept, limits });

  const load = new Load(store, random);
  const working = Promise.all([load.append(), load.maintain(), load.write(journal)]);
  let passes = 0;
  for (; !load.isOver; passes++) {
    await scrub.pass();
    expect((await scrub.damagedFiles()).files).toEqual([]);
  }
  await working;
  expect([...lines, ...load.damages]).toEqual([]);
  process.stdout.write(`${passes} passes beside ${JSON.stringify(load.ran)}\n`);
  expect(passes).toBeGreaterThan(0);

  await store.compact();
  const days = readdirSync(path.join(storagePath, 'telemetry/days')).filter((name) => name.endsWith('.db'));
  const file = `telemetry/days/${days.toSorted().at(-1)}`;
  const at = random(statSync(path.join(storagePath, file)).size);
  const bytes = readFileSync(path.join(storagePath, file));
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
  writeFileSync(path.join(storagePath, file), bytes);
  await scrub.pass();
  expect((await scrub.damagedFiles()).files.map((each) => each.file)).toEqual([file]);
}, 300_000);
