import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkpoint, closeSummed, keepSums } from './checkpoint.ts';
import { checkDatabase, hasIntactHeader } from './check-database.ts';
import { readWal } from './wal-pages.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-sums-'));
  file = join(directory, 'a.db');
});
afterEach(() => rmSync(directory, { recursive: true }));

function open(): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec(
    'PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, data BLOB)',
  );
  keepSums(database, file);
  return database;
}

function add(database: DatabaseSync, rows: number, bytes: number): void {
  const put = database.prepare('INSERT INTO t (data) VALUES (randomblob(?))');
  for (let i = 0; i < rows; i++) put.run(bytes);
}

/** Whole numbers below a limit. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function flip(path: string, at: number): void {
  const content = readFileSync(path);
  content[at] = (content[at] ?? 0) ^ (1 << (at % 8));
  writeFileSync(path, content);
}

describe('checksums of pages', () => {
  it('agree with a database that is written, checkpointed, closed and opened again', () => {
    for (let round = 0; round < 3; round++) {
      const database = open();
      add(database, 20, 3000);
      expect(checkDatabase(file)).toMatchObject({ badPages: [], faults: [] });
      checkpoint(database, file);
      expect(statSync(`${file}-wal`).size).toBe(0);
      add(database, 5, 10);
      checkpoint(database, file);
      database.close();
      expect(checkDatabase(file)).toMatchObject({ badPages: [], faults: [], hasSums: true });
    }
  });

  it('are kept by a connection that only watches, whoever writes and closes before it', () => {
    for (let round = 0; round < 3; round++) {
      const writer = new DatabaseSync(file);
      writer.exec(
        'PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, data BLOB)',
      );
      const watcher = new DatabaseSync(file);
      keepSums(watcher, file);
      add(writer, 10, 3000);
      writer.close();
      closeSummed(watcher, file);
      expect(checkDatabase(file)).toMatchObject({ badPages: [], faults: [] });
    }
  });

  it('survive a process that ends between writing checksums and the checkpoint', () => {
    const database = open();
    add(database, 20, 3000);
    const reader = new DatabaseSync(file, { readOnly: true });
    // A reader keeps the checkpoint from being done: the log stays.
    reader.exec('BEGIN; SELECT count(*) FROM t');
    add(database, 20, 3000);
    checkpoint(database, file);
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    expect(checkDatabase(file)).toMatchObject({ badPages: [], faults: [] });
    for (let round = 0; round < 3; round++) {
      add(database, 20, 3000);
      checkpoint(database, file);
      expect(checkDatabase(file)).toMatchObject({ badPages: [], faults: [] });
      expect(hasIntactHeader(file)).toBe(true);
    }
    reader.close();
    checkpoint(database, file);
    expect(checkDatabase(file)).toMatchObject({ badPages: [], faults: [] });
    database.close();
  });

  it('know every page that checkpoints leave, whatever readers block them and wherever they end', () => {
    const seed = Date.now() % 100_000;
    const random = seeded(seed);
    const database = open();
    add(database, 30, 3000);
    checkpoint(database, file);
    let reader: DatabaseSync | undefined;
    const change = [
      () => add(database, 1 + random(20), 1 + random(5000)),
      () => database.prepare('UPDATE t SET data = zeroblob(?) WHERE id % 7 = ?').run(3000, random(7)),
      () => database.prepare('UPDATE t SET data = randomblob(?) WHERE id % 7 = ?').run(3000, random(7)),
      () => database.prepare('DELETE FROM t WHERE id % 9 = ?').run(random(9)),
    ];
    for (let step = 0; step < 150; step++) {
      change[random(change.length)]?.();
      if (random(5) === 0) {
        reader?.close();
        reader = undefined;
      }
      if (random(4) === 0 && reader === undefined) {
        reader = new DatabaseSync(file, { readOnly: true });
        reader.exec('BEGIN; SELECT count(*) FROM t');
      }
      if (random(3) > 0) checkpoint(database, file);
      expect(checkDatabase(file), `step ${step}, seed ${seed}`).toMatchObject({ badPages: [], faults: [] });
    }
    reader?.close();
    database.close();
  });

  it('are not written again where a checkpoint is blocked, and shrink after one that is not', () => {
    const database = open();
    add(database, 20, 3000);
    checkpoint(database, file);
    const reader = new DatabaseSync(file, { readOnly: true });
    reader.exec('BEGIN; SELECT count(*) FROM t');
    add(database, 20, 3000);
    checkpoint(database, file);
    const { size } = statSync(`${file}.sums`);
    for (let i = 0; i < 5; i++) checkpoint(database, file);
    expect(statSync(`${file}.sums`).size).toBe(size);
    const put = database.prepare('UPDATE t SET data = randomblob(3000) WHERE id < 11');
    database.exec('PRAGMA synchronous = OFF');
    while (statSync(`${file}.sums`).size < 280_000) {
      for (let i = 0; i < 1000; i++) put.run();
      checkpoint(database, file);
    }
    // Bounded by the log, which has 4 KiB for each checksum.
    expect(statSync(`${file}.sums`).size).toBeLessThan(statSync(`${file}-wal`).size / 200);
    reader.close();
    checkpoint(database, file);
    put.run();
    checkpoint(database, file);
    expect(statSync(`${file}.sums`).size).toBeLessThan(10_000);
    expect(checkDatabase(file)).toMatchObject({ badPages: [], faults: [] });
    database.close();
  });

  it('find a changed byte anywhere in database, log and checksums', () => {
    const database = open();
    add(database, 20, 3000);
    checkpoint(database, file);
    add(database, 10, 2000);
    for (const part of ['', '-wal', '.sums']) {
      const { size } = statSync(file + part);
      for (let i = 0; i < 60; i++) {
        const at = Math.floor(((i + 0.5) / 60) * size);
        flip(file + part, at);
        const { badPages, faults } = checkDatabase(file);
        expect(badPages.length + faults.length, `${part} at ${at}`).toBeGreaterThan(0);
        flip(file + part, at);
      }
    }
    expect(checkDatabase(file)).toMatchObject({ badPages: [], faults: [] });
    database.close();
  });

  it('begin anew where they are damaged, and go on where a crash cut them short', () => {
    const database = open();
    add(database, 20, 3000);
    checkpoint(database, file);
    flip(`${file}.sums`, 3);
    expect(checkDatabase(file).faults).toMatchObject([{ file: `${file}.sums` }]);
    add(database, 20, 3000);
    checkpoint(database, file);
    expect(checkDatabase(file)).toMatchObject({ badPages: [], faults: [] });
    for (const cut of [3, 11, 40]) {
      const whole = readFileSync(`${file}.sums`);
      writeFileSync(`${file}.sums`, Buffer.concat([whole, whole.subarray(16, 16 + cut)]));
      expect(checkDatabase(file)).toMatchObject({ badPages: [], faults: [] });
      add(database, 1, 100);
      checkpoint(database, file);
      expect(checkDatabase(file)).toMatchObject({ badPages: [], faults: [] });
    }
    database.close();
  });

  it('are not taken for cut short when the length of a record has changed', () => {
    const database = open();
    add(database, 20, 3000);
    checkpoint(database, file);
    for (const at of [16, 17, 18, 19]) {
      for (let bit = 1; bit < 256; bit *= 2) {
        const content = readFileSync(`${file}.sums`);
        const changed = Uint8Array.from(content);
        changed[at] = (changed[at] ?? 0) ^ bit;
        writeFileSync(`${file}.sums`, changed);
        expect(checkDatabase(file), `bit ${bit} of ${at}`).toMatchObject({
          badPages: [],
          faults: [{ file: `${file}.sums` }],
        });
        writeFileSync(`${file}.sums`, content);
      }
    }
    database.close();
  });

  it('know what of a log is committed', () => {
    const database = open();
    add(database, 3, 100);
    const { committedBytes, sizeBytes, tail } = readWal(`${file}-wal`, () => undefined);
    expect({ committedBytes, tail }).toEqual({ committedBytes: sizeBytes, tail: 'none' });
    database.close();
  });
});
