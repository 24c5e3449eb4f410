import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlimsollError } from '../../packages/collector/src/errors.ts';
import type { LongTermEngine } from '../../packages/collector/src/telemetry/long-term/long-term-engine.ts';
import { openTestEngine } from '../../packages/collector/src/telemetry/questdb/testing/open-test-engine.ts';
import { budget, randomOf, seedOf } from '../support/budget.ts';
import { freePort } from '../support/free-port.ts';
import { LongTermModel, type ModelSample, shown, toBatch } from '../support/long-term-model.ts';
import { type QuestdbServer, questdbProgram, startQuestdb } from '../support/questdb.ts';
import { RandomSamples } from '../support/random-samples.ts';
import { waitFor } from '../support/wait-for.ts';

const program = await questdbProgram();
const BASE_MS = 1_700_000_000_000;
const FAR_MS = 2 * BASE_MS;
const DEADLINE_MS = 1500;

async function write(engine: LongTermEngine, samples: readonly ModelSample[]): Promise<void> {
  await engine.write(toBatch(samples), AbortSignal.timeout(20_000));
}

/** As the forwarder does: the same batch until it is acknowledged. Answers how often it was refused. */
async function writeUntilTaken(engine: LongTermEngine, samples: readonly ModelSample[]): Promise<number> {
  const untilMs = performance.now() + 60_000;
  for (let failures = 0; ; failures++) {
    try {
      await write(engine, samples);
      return failures;
    } catch (error) {
      if (!(error instanceof PlimsollError) || error.code !== 'unavailable') throw error;
      if (performance.now() > untilMs) throw error;
      await delay(50);
    }
  }
}

async function expectModel(
  server: QuestdbServer,
  engine: LongTermEngine,
  model: LongTermModel,
): Promise<void> {
  await server.settle();
  expect(shown(await engine.select({ matchers: [], startMs: 0, endMs: FAR_MS }))).toEqual(
    model.select([], 0, FAR_MS),
  );
}

/** Rows of our tables, and how many of them differ in their keys. */
async function rowsOf(server: QuestdbServer, prefix: string): Promise<{ all: number; distinct: number }> {
  let all = 0;
  let distinct = 0;
  const tables = await server.query('SELECT table_name FROM tables()');
  for (const table of tables.map(([name]) => String(name)).filter((name) => name.startsWith(prefix))) {
    const columns = await server.query(`SELECT "column" FROM table_columns('${table}') WHERE upsertKey`);
    const keys = columns.map(([column]) => `"${String(column)}"`).join(', ');
    const count = async (from: string) => Number((await server.query(`SELECT count() FROM ${from}`))[0]?.[0]);
    all += await count(`"${table}"`);
    distinct += await count(`(SELECT DISTINCT ${keys} FROM "${table}")`);
  }
  return { all, distinct };
}

describe.skipIf('missing' in program)('QuestDB as the long-term engine, in trouble', () => {
  let server: QuestdbServer;
  let prefixes = 0;
  beforeAll(async () => {
    // Lets a table be suspended without filling a disk.
    server = await startQuestdb(program, { settings: ['dev.mode.enabled=true'] });
  });
  afterAll(async () => server[Symbol.asyncDispose]());

  const open = async (): Promise<LongTermEngine & { prefix: string }> => {
    const prefix = `f${prefixes++}_`;
    const engine = openTestEngine({
      url: server.url,
      tablePrefix: prefix,
      writeDeadlineMs: DEADLINE_MS,
      readDeadlineMs: 10_000,
    });
    await engine.probe(AbortSignal.timeout(10_000));
    return Object.assign(engine, { prefix });
  };

  const restartIn = async (ms: number): Promise<void> => {
    await delay(ms);
    await server.kill();
    await server.start();
  };

  it(
    'loses nothing acknowledged and keeps nothing twice when killed amid writes',
    { timeout: 600_000 },
    async () => {
      const random = randomOf(seedOf('questdb kills'));
      await using engine = await open();
      const samples = new RandomSamples(random, BASE_MS);
      const model = new LongTermModel();
      let failures = 0;
      for (let round = 0; round < budget({ short: 2, long: 15 }); round++) {
        const restarted = restartIn(samples.number(60));
        for (let batch = 0; batch < 8; batch++) {
          const fresh = Array.from({ length: 4 }, () => samples.collection()).flat();
          failures += await writeUntilTaken(engine, fresh);
          model.add(fresh);
        }
        await restarted;
        await expectModel(server, engine, model);
      }
      expect(failures).toBeGreaterThan(0);
      const { all, distinct } = await rowsOf(server, engine.prefix);
      expect(all).toBeGreaterThan(100);
      expect(all).toBe(distinct);
    },
  );

  it('rejects by its deadline while frozen, and takes the same again after', async () => {
    const samples = new RandomSamples(randomOf(seedOf('questdb frozen')), BASE_MS);
    await using engine = await open();
    const model = new LongTermModel();
    for (let batch = 0; batch < 4; batch++) {
      const before = samples.collection();
      await write(engine, before);
      model.add(before);
    }
    server.freeze();
    const fresh = samples.collection();
    const startedMs = performance.now();
    await expect(write(engine, fresh)).rejects.toMatchObject({ code: 'unavailable' });
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeGreaterThan(DEADLINE_MS - 100);
    expect(tookMs).toBeLessThan(DEADLINE_MS + 3000);
    const [early] = await Promise.allSettled([engine.write(toBatch(fresh), AbortSignal.timeout(100))]);
    expect(early.status).toBe('rejected');
    server.thaw();
    await writeUntilTaken(engine, fresh);
    await write(engine, fresh);
    model.add(fresh);
    await expectModel(server, engine, model);
    const { all, distinct } = await rowsOf(server, engine.prefix);
    expect(all).toBe(distinct);
  });

  it('lets go of a frozen server at once when it is closed', async () => {
    const engine = openTestEngine({ url: server.url, tablePrefix: `f${prefixes++}_` });
    await engine.probe(AbortSignal.timeout(10_000));
    server.freeze();
    try {
      const writing = write(engine, new RandomSamples(randomOf(1), BASE_MS).collection());
      const reading = engine.select({ matchers: [], startMs: 0, endMs: FAR_MS });
      const startedMs = performance.now();
      await engine[Symbol.asyncDispose]();
      await expect(writing).rejects.toThrow('closed');
      await expect(reading).rejects.toThrow('closed');
      expect(performance.now() - startedMs).toBeLessThan(2000);
    } finally {
      server.thaw();
    }
  });

  it('says unavailable where nothing listens, at once', async () => {
    const engine = openTestEngine({ url: `http://127.0.0.1:${await freePort()}` });
    const startedMs = performance.now();
    const signal = AbortSignal.timeout(10_000);
    await expect(engine.probe(signal)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(write(engine, [])).rejects.toMatchObject({ code: 'unavailable' });
    const select = engine.select({ matchers: [], startMs: 0, endMs: 1 });
    await expect(select).rejects.toMatchObject({ code: 'unavailable' });
    expect(performance.now() - startedMs).toBeLessThan(5000);
    await engine[Symbol.asyncDispose]();
  });

  it('finds its way when tables are dropped, and keeps apart what someone changed', async () => {
    const samples = new RandomSamples(randomOf(seedOf('questdb tables')), BASE_MS);
    await using engine = await open();
    const wideTables = async () =>
      (await server.query('SELECT table_name FROM tables()'))
        .map(([name]) => String(name))
        .filter((name) => name.startsWith(`${engine.prefix}node_`));
    const model = new LongTermModel();
    const add = async (count: number) => {
      for (let batch = 0; batch < count; batch++) {
        const fresh = samples.collection();
        await writeUntilTaken(engine, fresh);
        model.add(fresh);
      }
    };
    await add(6);
    await server.settle();
    const [changed] = await wideTables();
    await server.query(`ALTER TABLE "${changed}" ADD COLUMN "node_added" DOUBLE`);
    await engine.probe(AbortSignal.timeout(10_000));
    await add(4);
    await expectModel(server, engine, model);
    const before = await engine.select({ matchers: [], startMs: 0, endMs: FAR_MS });
    for (const table of await wideTables()) await server.query(`DROP TABLE "${table}"`);
    const after = await waitFor('reads without the tables', () =>
      engine.select({ matchers: [], startMs: 0, endMs: FAR_MS }),
    );
    expect(after.length).toBeLessThan(before.length);
    // A table that the server made by itself would keep repeated rows twice.
    await add(4);
    await engine.probe(AbortSignal.timeout(10_000));
  });

  it('refuses tables that would keep repeated rows twice', async () => {
    await using engine = await open();
    await server.query(`ALTER TABLE "${engine.prefix}samples" DEDUP DISABLE`);
    await server.settle();
    await expect(engine.probe(AbortSignal.timeout(10_000))).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(`${engine.prefix}samples`) as string,
    });
  });

  it('tells of tables that the server no longer applies writes to', async () => {
    await using engine = await open();
    const lines: string[] = [];
    await server.query(`ALTER TABLE "${engine.prefix}samples" SUSPEND WAL`);
    await using observer = openTestEngine({ url: server.url, tablePrefix: engine.prefix }, lines);
    await observer.probe(AbortSignal.timeout(10_000));
    await write(observer, new RandomSamples(randomOf(1), BASE_MS).collection());
    expect(lines.join('')).toContain(`${engine.prefix}samples`);
    expect(lines.join('')).toContain('RESUME WAL');
    await server.query(`ALTER TABLE "${engine.prefix}samples" RESUME WAL`);
    await server.settle();
    expect(await observer.series([], 0, FAR_MS)).not.toHaveLength(0);
  });

  it('refuses times the server cannot hold', async () => {
    await using engine = await open();
    const [sample] = new RandomSamples(randomOf(1), BASE_MS).collection();
    if (sample === undefined) throw new Error('a collection has samples');
    for (const timestampMs of [-1, 1e15, 0.5]) {
      await expect(write(engine, [{ ...sample, timestampMs }])).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    }
  });

  it('shows who it is, and says when that is refused', async () => {
    const credentials = { username: 'plimsoll', password: 'p=w;d "x"' };
    await using guarded = await startQuestdb(program, {
      settings: [`http.user=${credentials.username}`, `http.password=${credentials.password}`],
    });
    const samples = new RandomSamples(randomOf(1), BASE_MS).collection();
    await using engine = openTestEngine({ url: guarded.url, credentials });
    await engine.probe(AbortSignal.timeout(10_000));
    await write(engine, samples);
    for (const wrong of [null, { ...credentials, password: 'no' }, { token: 'no' }]) {
      await using refused = openTestEngine({ url: guarded.url, credentials: wrong });
      await expect(refused.probe(AbortSignal.timeout(10_000))).rejects.toMatchObject({
        code: 'configuration',
        message: expect.stringContaining('credentials') as string,
      });
    }
  });
});
