import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isNoSample, writeNoSample, writeStaleMarker } from '@plimsoll/proto';
import {
  createEngine,
  Labels,
  type Matcher,
  matcherPredicate,
  type Queryable,
  type QueryValue,
  type SeriesColumns,
} from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { systemFiles } from '../files.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from '../open-embedded-store.ts';

const LONG = process.env.PLIMSOLL_TEST_LONG !== undefined;
const SEED = Number(process.env.PLIMSOLL_SEED ?? Date.now() % 1_000_000);
const ROUNDS = LONG ? 20 : 2;
const QUERIES = LONG ? 1500 : 200;
/** On the border of two windows, so that days, blocks and the head all have some. */
const START_MS = Math.ceil(1_800_000_000_000 / 7_200_000) * 7_200_000;
const SPAN_MS = 5 * 3_600_000;
const FRAMES = 500;

type Random = (below: number) => number;

function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What the store was given, as the simplest thing a query can read. */
class Copy implements Queryable {
  readonly #series = new Map<
    string,
    { readonly labels: Labels; readonly samples: Map<number, Float64Array> }
  >();

  add(labels: Labels, timestampMs: number, values: Float64Array, index: number): void {
    const known = this.#series.get(labels.key) ?? { labels, samples: new Map<number, Float64Array>() };
    known.samples.set(timestampMs, values.slice(index, index + 1));
    this.#series.set(labels.key, known);
  }

  async select(request: {
    matchers: readonly Matcher[];
    startMs: number;
    endMs: number;
  }): Promise<SeriesColumns[]> {
    const { matchers, startMs, endMs } = request;
    const accept = matchers.map((matcher) => ({ name: matcher.name, accepts: matcherPredicate(matcher) }));
    return [...this.#series.values()]
      .filter(({ labels }) => accept.every(({ name, accepts }) => accepts(labels.get(name))))
      .flatMap(({ labels, samples }) => {
        const rows = [...samples]
          .filter(([time]) => time >= startMs && time <= endMs)
          .toSorted(([a], [b]) => a - b);
        const values = new Float64Array(rows.length);
        rows.forEach(([, value], i) => values.set(value, i));
        return rows.length === 0
          ? []
          : { labels, timestamps: Float64Array.from(rows, ([time]) => time), values };
      });
  }
}

const framed = Array.from({ length: 12 }, (_, i) =>
  Labels.of({ __name__: i % 2 === 0 ? 'b' : 'a', i: String(i), job: 'x', instance: String(i % 3) }),
);
const loose = Array.from({ length: 6 }, (_, i) =>
  Labels.of({ __name__: i % 2 === 0 ? 'c' : 'a', l: String(i) }),
);

/** Frames and loose samples with gaps, stale markers, two dictionaries, some out of order, sealed now and then. */
async function fill(store: EmbeddedTelemetryStore, copy: Copy, random: Random): Promise<void> {
  const times = Array.from(
    { length: FRAMES },
    (_, i) => START_MS + Math.floor((i * SPAN_MS) / FRAMES / 1000) * 1000,
  );
  for (let i = 5; i < times.length; i++) {
    const other = i - random(5);
    if (random(15) === 0) [times[i], times[other]] = [times[other] ?? 0, times[i] ?? 0];
  }
  let newestMs = 0;
  for (const [number, timestampMs] of times.entries()) {
    const labels = random(5) === 0 ? framed.slice(3, 9) : framed;
    const values = Float64Array.from(labels, () => random(1000) / (random(3) + 1));
    if (random(9) === 0) writeStaleMarker(values, random(values.length));
    if (random(6) === 0) writeNoSample(values, random(values.length));
    const refs = store.internSeries(labels);
    store.appendFrame({
      agentId: 'x',
      epoch: 1,
      sequence: number + 1,
      timestampMs,
      refs,
      values,
      backfill: false,
    });
    labels.forEach((each, slot) => {
      if (!isNoSample(values[slot] ?? 0)) copy.add(each, timestampMs, values, slot);
    });
    if (random(2) === 0 && timestampMs > newestMs) {
      newestMs = timestampMs;
      const numbers = Float64Array.from(loose, () => random(500) / 3);
      if (random(20) === 0) writeStaleMarker(numbers, random(numbers.length));
      // Half of them at a time of their own.
      const own = Float64Array.from(loose, (_, i) => timestampMs + (i < 3 ? 0 : i * 100));
      store.appendSamples({ refs: store.internSeries(loose), timestampsMs: own, values: numbers });
      loose.forEach((each, i) => copy.add(each, own[i] ?? 0, numbers, i));
    }
    if (random(60) === 0) await store.compact();
  }
}

function expressions(random: Random): () => string {
  const pick = (choices: readonly string[]): string => choices[random(choices.length)] ?? '';
  const time = (): string => String((START_MS + random(SPAN_MS)) / 1000);
  const modifier = (): string =>
    pick([
      '',
      '',
      '',
      ' offset 7m',
      ' offset -3m',
      ` @ ${time()}`,
      ' @ end()',
      ' @ start()',
      ` @ ${time()} offset 2m`,
    ]);
  const selector = (): string => pick(['a', 'b', 'c', '{job="x"}', 'a{i="3"}', '{__name__=~"a|c"}']);
  const instant = (): string => `${selector()}${modifier()}`;
  const range = (): string => `${selector()}[${pick(['1m', '5m', '17m', '1h'])}]${modifier()}`;
  const leaf = (): string =>
    pick([
      instant(),
      instant(),
      `rate(${range()})`,
      `${pick(['max', 'count', 'group'])} by (instance) (${instant()})`,
      `timestamp(${instant()})`,
      `${pick(['max_over_time', 'count_over_time', 'last_over_time'])}(${range()})`,
      `quantile_over_time(0.3, ${range()})`,
      `absent(${instant()})`,
    ]);
  return function expression(depth = 0): string {
    const inner = depth > 2 ? leaf() : '';
    if (inner !== '') return inner;
    switch (random(9)) {
      case 0:
        return `-(${expression(depth + 1)})`;
      case 1:
        return `(${expression(depth + 1)}) * 2`;
      case 2:
        return `(${expression(depth + 1)}) > 300`;
      case 3:
        return `max_over_time((${expression(depth + 1)})[${pick(['10m', '1h'])}:${pick(['1m', '90s', ''])}])`;
      case 4:
        return `max(${expression(depth + 1)}) + scalar(max(${leaf()}))`;
      default:
        return leaf();
    }
  };
}

function text(value: QueryValue): unknown {
  if (value.type === 'vector')
    return value.labels.map(({ key }, i) => `${key} ${String(value.values[i])}`).toSorted();
  if (value.type !== 'matrix') return value;
  return value.series.map(({ labels, timestamps, values }) => [
    labels.key,
    [...timestamps],
    Array.from(values, String),
  ]);
}

it(
  'answers queries as a plain copy of its samples does, however little memory reads have',
  { timeout: 600_000 },
  async () => {
    process.stdout.write(`queries of a store: ${ROUNDS} rounds, PLIMSOLL_SEED=${SEED}\n`);
    for (let round = 0; round < ROUNDS; round++) {
      const random = randomOf(SEED + round);
      const path = mkdtempSync(join(tmpdir(), 'plimsoll-query-'));
      const store = await openEmbeddedStore({
        path,
        runtime: {
          now: () => START_MS + 86_400_000,
          log: pino({ level: 'silent' }),
          metrics: new Registry(),
        },
        options: {
          writer: { files: systemFiles },
          commitIntervalMs: 1,
          readMemoryBytes: [200, 9000, 1e7][random(3)] ?? 0,
        },
      });
      const copy = new Copy();
      await fill(store, copy, random);
      await askBoth(store, copy, random);
      await store[Symbol.asyncDispose]();
      rmSync(path, { recursive: true, force: true });
    }
  },
);

async function askBoth(store: EmbeddedTelemetryStore, copy: Copy, random: Random): Promise<void> {
  const ours = createEngine();
  const plain = createEngine();
  const next = expressions(random);
  const earlier: [QueryValue, string][] = [];
  for (let n = 0; n < QUERIES; n++) {
    const query = next();
    const startMs = START_MS + random(SPAN_MS + 600_000) - 300_000;
    const stepMs = [1000, 10_000, 15_000, 60_000, 300_000, 3_600_000][random(6)] ?? 1000;
    // Ends off the grid, and ranges of a single step, too.
    const endMs = startMs + Math.min(random(random(3) === 0 ? 400 : 3) * stepMs + random(stepMs), 14_400_000);
    const instant = random(3) === 0;
    const ask = async (engine: typeof ours, queryable: Queryable): Promise<QueryValue | string> => {
      const asked = instant
        ? engine.queryInstant({ text: query, queryable, timeMs: startMs })
        : engine.queryRange({ text: query, queryable, startMs, endMs, stepMs });
      return asked.then(
        ({ value }) => value,
        (error: unknown) => String(error),
      );
    };
    const [one, two] = [await ask(ours, store), await ask(plain, copy)];
    const [mine, theirs] = [one, two].map((each) => (typeof each === 'string' ? each : text(each)));
    expect(mine, `${query} ${instant ? 'at' : 'from'} ${startMs} to ${endMs} each ${stepMs}`).toEqual(theirs);
    if (typeof one !== 'string') earlier.push([one, JSON.stringify(text(one))]);
    if (random(100) === 0) await store.compact();
  }
  // Memory that is used again must not be an earlier answer's.
  for (const [value, before] of earlier) expect(JSON.stringify(text(value))).toBe(before);
}
