import { describe, expect, it } from 'vitest';
import { createEngine, type EngineOptions } from './engine.ts';
import { PromqlError } from './errors.ts';
import { Labels } from './labels.ts';
import { MemoryStorage } from './memory-storage.ts';
import type { Queryable, SelectRequest } from './queryable.ts';

const MINUTE = 60_000;
const storage = new MemoryStorage();
for (const [host, factor] of [
  ['a', 1],
  ['b', 2],
  ['c', 3],
] as const) {
  const labels = Labels.of({ __name__: 'm', host });
  storage.append(
    labels,
    Array.from({ length: 61 }, (_, index) => ({ timeMs: index * MINUTE, value: index * factor })),
  );
}

const range = { startMs: 10 * MINUTE, endMs: 20 * MINUTE, stepMs: MINUTE, queryable: storage };

async function failure(query: Promise<unknown>): Promise<PromqlError> {
  const error: unknown = await query.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof PromqlError) return error;
  throw new Error('no PromqlError');
}

function recording(): { queryable: Queryable; requests: SelectRequest[] } {
  const requests: SelectRequest[] = [];
  const queryable: Queryable = {
    select: (request) => {
      requests.push(request);
      return storage.select(request);
    },
  };
  return { queryable, requests };
}

describe('an engine', () => {
  it('answers an instant query in columns', async () => {
    const { value, stats } = await createEngine().queryInstant({
      text: 'm > 15',
      timeMs: 10 * MINUTE,
      queryable: storage,
    });
    if (value.type !== 'vector') throw new Error('no vector');
    expect(value.labels.map(String)).toEqual(['m{host="b"}', 'm{host="c"}']);
    expect([...value.values]).toEqual([20, 30]);
    expect(stats.series).toBe(3);
  });

  it('answers a range query ordered by labels', async () => {
    const { value } = await createEngine().queryRange({ ...range, text: 'sum by (host) (rate(m[5m])) * 60' });
    expect(value.series.map(({ labels }) => labels.get('host'))).toEqual(['a', 'b', 'c']);
    expect(value.series[1]?.timestamps).toHaveLength(11);
    expect(value.series[1]?.values[3]).toBeCloseTo(2, 12);
  });

  it('answers matrices, scalars and strings to instant queries', async () => {
    const engine = createEngine();
    const at = { timeMs: 10 * MINUTE, queryable: storage };
    const matrix = await engine.queryInstant({ ...at, text: 'm{host="a"}[3m]' });
    if (matrix.value.type !== 'matrix') throw new Error('no matrix');
    expect([...(matrix.value.series[0]?.values ?? [])]).toEqual([8, 9, 10]);
    expect((await engine.queryInstant({ ...at, text: '1 + 1' })).value).toMatchObject({
      type: 'scalar',
      value: 2,
    });
    expect((await engine.queryInstant({ ...at, text: '"x"' })).value).toMatchObject({
      type: 'string',
      value: 'x',
    });
    expect((await failure(engine.queryRange({ ...range, text: 'm[5m]' }))).message).toContain(
      'invalid expression type',
    );
  });

  it('asks storage for no more than it needs', async () => {
    const { queryable, requests } = recording();
    await createEngine().queryRange({
      ...range,
      queryable,
      text: 'max_over_time(rate(m[4m] offset 1m)[10m:2m])',
    });
    expect(requests).toMatchObject([
      { startMs: (10 - 10 - 4 - 1) * MINUTE + 1, endMs: 19 * MINUTE, rangeMs: 4 * MINUTE, function: 'rate' },
    ]);
    requests.length = 0;
    await createEngine().queryInstant({ text: 'm @ 600', timeMs: 0, queryable });
    expect(requests).toMatchObject([{ startMs: 600_000 - 5 * MINUTE + 1, endMs: 600_000 }]);
  });

  it('leaves names off early or late as it is told', async () => {
    const at = {
      timeMs: 10 * MINUTE,
      queryable: storage,
      text: 'label_replace(rate(m[5m]), "n", "$1", "__name__", "(.*)")',
    };
    const names = async (options: EngineOptions) => {
      const { value } = await createEngine(options).queryInstant(at);
      return value.type === 'vector' ? value.labels.map((labels) => labels.get('n')) : [];
    };
    expect(await names({})).toEqual(['', '', '']);
    expect(await names({ delayedNameRemoval: true })).toEqual(['m', 'm', 'm']);
  });

  it('remarks on what looks wrong, with its place', async () => {
    const { infos, warnings } = await createEngine().queryInstant({
      text: '1 + rate(m[5m]) + quantile(2, m)',
      timeMs: 10 * MINUTE,
      queryable: storage,
    });
    expect(infos).toEqual([
      'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "m" (1:10)',
    ]);
    expect(warnings).toEqual(['PromQL warning: quantile value should be between 0 and 1, got 2 (1:28)']);
  });

  it('holds its limits', async () => {
    const query = { ...range, text: 'm' };
    expect(await failure(createEngine({ maxSamples: 20 }).queryRange(query))).toMatchObject({
      kind: 'limit',
      message: 'query processing would load too many samples into memory in query execution',
    });
    expect(await failure(createEngine({ maxSeries: 2 }).queryRange(query))).toMatchObject({ kind: 'limit' });
    expect(await failure(createEngine({ maxSteps: 10 }).queryRange(query))).toMatchObject({ kind: 'limit' });
    expect(await failure(createEngine().queryRange({ ...query, stepMs: 0 }))).toMatchObject({
      kind: 'execution',
    });
    expect(await failure(createEngine().queryRange({ ...query, text: 'm +' }))).toMatchObject({
      kind: 'parse',
    });
  });

  it('stops when it is cancelled or out of time', async () => {
    const engine = createEngine({ now: ticking() });
    const query = { ...range, text: 'm' };
    expect(await failure(engine.queryRange({ ...query, signal: AbortSignal.abort() }))).toMatchObject({
      kind: 'canceled',
    });
    expect(await failure(engine.queryRange({ ...query, timeoutMs: 2 }))).toMatchObject({
      kind: 'timeout',
      message: 'query timed out in expression evaluation',
    });
  });

  it('refuses what cannot be matched', async () => {
    const at = { timeMs: 10 * MINUTE, queryable: storage };
    const message = async (text: string) =>
      (await failure(createEngine().queryInstant({ ...at, text }))).message;
    expect(await message('m + on() m')).toContain(
      'found duplicate series for the match group {} on the right hand-side',
    );
    expect(await message('label_replace(m, "host", "", "", "")')).toContain('same labelset');
    expect(await message('sum(m) / on() group_left() vector(1) + on() m')).toContain('duplicate series');
  });

  it('names of several failed matches the earliest', async () => {
    // Two match one from 11 min on; the right side has two from 16 min on.
    const { message } = await failure(createEngine().queryRange({ ...range, text: 'm / on() (m > 30)' }));
    expect(message).toBe(
      'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
    );
  });

  it('warns of a quantile that is not a number at some step by this alone', async () => {
    const text = 'quantile(scalar(m{host="a"} > 15), m)';
    const { warnings } = await createEngine().queryRange({ ...range, text });
    expect(warnings).toEqual(['PromQL warning: quantile value should be between 0 and 1, got NaN (1:10)']);
  });
});

describe('a failed query', () => {
  it('leaves its memory and its answers to the next', async () => {
    const released: unknown[] = [];
    const given: unknown[] = [];
    const queryable: Queryable = {
      async select(request) {
        const answer = await storage.select(request);
        given.push(answer);
        return answer;
      },
      release: (answer) => released.push(answer),
    };
    const engine = createEngine();
    await failure(engine.queryRange({ ...range, queryable, text: 'm + on() m' }));
    await engine.queryRange({ ...range, queryable, text: 'm' });
    expect(given).toHaveLength(3);
    expect(released).toEqual(given);
  });
});

describe('an answer', () => {
  const wide = new MemoryStorage();
  for (let series = 0; series < 40; series++) {
    const samples = Array.from({ length: 200 }, (_, i) => ({ timeMs: i * MINUTE, value: i * 40 + series }));
    wide.append(Labels.of({ __name__: 'wide', series: String(series), half: String(series % 2) }), samples);
  }
  const long = { queryable: wide, startMs: 0, endMs: 199 * MINUTE, stepMs: MINUTE };

  it.each(['wide', 'wide * 2', 'avg by (half) (wide)', 'rate(wide[5m])', 'wide + on(series) wide', '-wide'])(
    'to %s stays as it is while the engine uses its memory again',
    async (text) => {
      const engine = createEngine();
      const first = await engine.queryRange({ ...long, text });
      const copy = structuredClone(first.value.series.map(({ timestamps, values }) => [timestamps, values]));
      await engine.queryRange({ ...long, text: 'wide * 3 + wide' });
      await engine.queryRange({ ...long, text: 'sum by (series) (wide) * 7' });
      expect(first.value.series.map(({ timestamps, values }) => [timestamps, values])).toEqual(copy);
      expect((await engine.queryRange({ ...long, text })).value).toEqual(first.value);
    },
  );
});

/** A clock that moves on by a millisecond each time it is read. */
function ticking(): () => number {
  let time = 0;
  return () => time++;
}
