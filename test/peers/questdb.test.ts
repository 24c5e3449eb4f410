import { type Instants, Labels, type SeriesColumns } from '@plimsoll/promql';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LongTermEngine } from '../../packages/collector/src/telemetry/long-term/long-term-engine.ts';
import { openTestEngine } from '../../packages/collector/src/telemetry/questdb/testing/open-test-engine.ts';
import { budget, randomOf, seedOf } from '../support/budget.ts';
import { bitsOf, LongTermModel, type ModelSample, shown, toBatch } from '../support/long-term-model.ts';
import { type QuestdbServer, questdbProgram, startQuestdb } from '../support/questdb.ts';
import { RandomSamples } from '../support/random-samples.ts';

const program = await questdbProgram();
const BASE_MS = 1_700_000_000_000;
const FAR_MS = 2 * BASE_MS;

/** What an instant evaluation sees of an answer: each series' newest sample at or before each time. */
function seen(series: readonly SeriesColumns[], { firstMs, stepMs, count }: Instants, startMs: number) {
  const found = new Map<string, string>();
  for (const { labels, timestamps, values } of series) {
    const bits = new BigUint64Array(values.buffer, values.byteOffset, values.length);
    const at = Array.from({ length: count }, (_, step) => {
      const newest = timestamps.findLastIndex((ms) => ms >= startMs && ms <= firstMs + step * stepMs);
      return newest < 0 ? '-' : `${timestamps[newest]}:${bits[newest]}`;
    });
    if (at.some((each) => each !== '-')) found.set(labels.toString(), at.join(' '));
  }
  return found;
}

async function write(engine: LongTermEngine, samples: readonly ModelSample[]): Promise<void> {
  await engine.write(toBatch(samples), AbortSignal.timeout(20_000));
}

describe.skipIf('missing' in program)('a real QuestDB as the long-term engine', () => {
  let server: QuestdbServer;
  let prefixes = 0;
  beforeAll(async () => {
    server = await startQuestdb(program);
  });
  afterAll(async () => server[Symbol.asyncDispose]());

  const open = async (tablePrefix = `t${prefixes++}_`): Promise<LongTermEngine> => {
    const engine = openTestEngine({ url: server.url, tablePrefix });
    await engine.probe(AbortSignal.timeout(10_000));
    return engine;
  };

  it(
    'answers as a model does, whatever is written how often in whatever pieces',
    { timeout: 600_000 },
    async () => {
      const random = randomOf(seedOf('questdb model'));
      for (let round = 0; round < budget({ short: 2, long: 8 }); round++) {
        const prefix = `m${prefixes++}_`;
        let engine = await open(prefix);
        const samples = new RandomSamples(random, BASE_MS);
        const model = new LongTermModel();
        const written: ModelSample[] = [];
        for (let batch = 0; batch < 15; batch++) {
          const fresh = Array.from({ length: 1 + samples.number(4) }, () => samples.collection()).flat();
          const from = samples.number(written.length + 1);
          const replayed = samples.chance(0.4) ? written.slice(from, from + samples.number(600)) : [];
          // Cut anywhere: a row's samples may come in two batches.
          const cut = samples.number(fresh.length);
          for (const part of [[...replayed, ...fresh.slice(0, cut)], fresh.slice(cut)]) {
            await write(engine, part);
            model.add(part);
            written.push(...part);
          }
          if (samples.chance(0.2)) {
            await engine[Symbol.asyncDispose]();
            engine = await open(prefix);
          }
        }
        await server.settle();
        expect(shown(await engine.select({ matchers: [], startMs: 0, endMs: FAR_MS }))).toEqual(
          model.select([], 0, FAR_MS),
        );
        for (let read = 0; read < 60; read++) {
          const matchers = samples.matchers();
          const startMs = samples.chance(0.3) ? 0 : BASE_MS + samples.number(300_000) - 50_000;
          const endMs = samples.chance(0.3) ? FAR_MS : startMs + samples.number(300_000);
          const expected = model.select(matchers, startMs, endMs);
          const all = await engine.select({ matchers, startMs, endMs });
          expect(shown(all), JSON.stringify({ matchers, startMs, endMs })).toEqual(expected);
          const stepMs = 30_000 + samples.number(60_000);
          const count = 1 + samples.number(4);
          // Often a sample's own time: a window ends with it.
          const firstMs = samples.chance(0.5)
            ? samples.pick(written).timestampMs
            : startMs + samples.number(100_000);
          const instants = { firstMs, stepMs: count === 1 ? 0 : stepMs, count };
          const request = { matchers, startMs, endMs: firstMs + (count - 1) * instants.stepMs, instants };
          const exact = await engine.select({ ...request, instants: { ...instants, count: 0 } });
          expect(seen(await engine.select(request), instants, startMs), JSON.stringify(request)).toEqual(
            seen(exact, instants, startMs),
          );
          if (read % 10 === 0) {
            const series = await engine.series([matchers], startMs, endMs);
            expect(series.map(String).toSorted()).toEqual([...expected.keys()].toSorted());
          }
        }
        await engine[Symbol.asyncDispose]();
      }
    },
  );

  it('keeps any text as name and value', async () => {
    const seed = seedOf('questdb texts');
    const texts = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 10 }), {
      numRuns: budget({ short: 150, long: 1500 }),
      seed,
    });
    const words = [
      'a',
      'A',
      'ts',
      'SELECT',
      "'",
      '"',
      '`',
      '$41',
      '#41',
      '@x',
      'é',
      'É',
      'ß',
      'ẞ',
      'İ',
      ...texts,
    ];
    const random = randomOf(seed);
    const word = () => words[Math.floor(random() * words.length)] ?? '';
    await using engine = await open();
    const model = new LongTermModel();
    for (let round = 0; round < words.length / 10; round++) {
      const labels = { [word()]: word(), [word()]: word() };
      const metrics = [word(), word(), word(), word(), word(), word()].map((name) => `x_y_${name}`);
      const rows = Array.from({ length: 4 }, (_, row) =>
        metrics.map((metric) => ({
          labels: Labels.of({ ...labels, __name__: metric }),
          timestampMs: BASE_MS + row,
          bits: bitsOf(row),
        })),
      );
      await write(engine, rows.flat());
      model.add(rows.flat());
    }
    await server.settle();
    expect(shown(await engine.select({ matchers: [], startMs: 0, endMs: FAR_MS }))).toEqual(
      model.select([], 0, FAR_MS),
    );
    for (const value of words.slice(0, 60)) {
      const matchers = [{ name: '__name__', type: '=', value: `x_y_${value}` }] as const;
      expect(shown(await engine.select({ matchers, startMs: 0, endMs: FAR_MS }))).toEqual(
        model.select(matchers, 0, FAR_MS),
      );
    }
  });
});
