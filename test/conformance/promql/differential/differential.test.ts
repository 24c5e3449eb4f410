import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  createEngine,
  type Engine,
  MemoryStorage,
  parseSeriesDescription,
  PromqlError,
  type QueryValue,
} from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';
import { REFERENCE } from './build-reference.ts';
import { QueryGenerator } from './generate-query.ts';
import { generateLoad } from './generate-series.ts';
import { Random } from './random.ts';

/** `PROMQL_SEED` and `PROMQL_QUERIES` make a longer run of it, or one as it was. */
const SEED = Number(process.env['PROMQL_SEED'] ?? 1);
const QUERIES = Number(process.env['PROMQL_QUERIES'] ?? 600);
const QUERIES_PER_LOAD = 50;
const RELATIVE_TOLERANCE = 1e-9;
/** What rounding leaves where nothing should be, as in the variance of equal values. */
const NOTHING = 1e-12;

interface Request {
  readonly load: string;
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly delayedNameRemoval: boolean;
}

interface Answer {
  readonly error?: string;
  readonly series: readonly {
    readonly labels: Record<string, string>;
    readonly points: readonly [string, string][] | null;
  }[];
}

/** Series as text: the labels, then time and value of each point. */
type Rows = Map<string, ReadonlyMap<number, string>>;

function generateRequests(seed: number, count: number): Request[] {
  const random = new Random(seed);
  const queries = new QueryGenerator(random);
  let load = '';
  return Array.from({ length: count }, (_, index) => {
    if (index % QUERIES_PER_LOAD === 0) load = generateLoad(random);
    const startMs = random.whole(0, 1200) * 1000;
    const stepMs = random.chance(0.6) ? random.pick([7000, 15_000, 30_000, 60_000]) : 0;
    const endMs = stepMs === 0 ? startMs : startMs + random.whole(0, 20) * 30_000;
    const query = queries.vector(random.whole(1, 3));
    return { load, query, startMs, endMs, stepMs, delayedNameRemoval: random.chance(0.2) };
  });
}

function askReference(requests: readonly Request[]): Answer[] {
  const input = requests.map((request) => JSON.stringify(request)).join('\n');
  const { stdout, status, stderr } = spawnSync(REFERENCE, { input, maxBuffer: 2 ** 30, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the reference failed: ${stderr.slice(0, 500)}`);
  return stdout
    .trim()
    .split('\n')
    .map((line): Answer => JSON.parse(line));
}

function fill(storage: MemoryStorage, load: string): void {
  storage.clear();
  for (const line of load.split('\n').slice(1)) {
    const { labels, values } = parseSeriesDescription(line.trim());
    for (const [index, value] of values.entries()) {
      if (value.kind === 'omitted') continue;
      const stored =
        value.kind === 'float' ? value.value : value.kind === 'stale' ? 'stale' : value.histogram;
      storage.append(labels, [{ timeMs: index * 30_000, value: stored }]);
    }
  }
}

async function askOurs(engine: Engine, queryable: MemoryStorage, request: Request): Promise<Rows | string> {
  const { query: text, startMs, endMs, stepMs } = request;
  try {
    const { value } =
      stepMs === 0
        ? await engine.queryInstant({ text, timeMs: startMs, queryable })
        : await engine.queryRange({ text, startMs, endMs, stepMs, queryable });
    return rowsOf(value);
  } catch (error) {
    if (error instanceof PromqlError) return error.message;
    throw error;
  }
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function rowsOf(value: QueryValue): Rows {
  if (value.type === 'scalar' || value.type === 'string') {
    return new Map([[keyOf({}), new Map([[value.timeMs, String(value.value)]])]]);
  }
  if (value.type === 'vector') {
    return new Map(
      value.labels.map((labels, at) => {
        const shown = value.histograms?.[at]?.toString() ?? String(value.values[at]);
        return [keyOf(labels.toRecord()), new Map([[value.timeMs, shown]])];
      }),
    );
  }
  return new Map(
    value.series.map(({ labels, timestamps, values, histograms }) => [
      keyOf(labels.toRecord()),
      new Map(
        Array.from(timestamps, (time, at) => [time, histograms?.[at]?.toString() ?? String(values[at])]),
      ),
    ]),
  );
}

function referenceRows(answer: Answer): Rows {
  return new Map(
    answer.series.map(({ labels, points }) => [
      keyOf(labels),
      new Map((points ?? []).map(([time, value]) => [Number(time), value])),
    ]),
  );
}

const NUMBER = /[+-]?Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

/** Whether two values, or the numbers of two histograms, are the same up to rounding. */
function sameValue(ours: string, theirs: string): boolean {
  const [a, b] = [ours, theirs].map((text) => text.replaceAll('Infinity', 'Inf').replaceAll('+Inf', 'Inf'));
  if (a === b || theirs === 'unprintable') return true;
  const numbersA = a?.match(NUMBER) ?? [];
  const numbersB = b?.match(NUMBER) ?? [];
  return (
    numbersA.length === numbersB.length &&
    numbersA.every((each, at) => near(Number(each), Number(numbersB[at])))
  );
}

function near(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (Math.abs(a - b) < NOTHING) return true;
  return Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

function difference(ours: Rows | string, theirs: Answer): string | undefined {
  if (typeof ours === 'string' || theirs.error !== undefined) {
    const both = typeof ours === 'string' && theirs.error !== undefined;
    return both
      ? undefined
      : `ours ${typeof ours === 'string' ? ours : 'an answer'}, theirs ${theirs.error ?? 'an answer'}`;
  }
  const expected = referenceRows(theirs);
  for (const key of new Set([...ours.keys(), ...expected.keys()])) {
    const mine = ours.get(key);
    const other = expected.get(key);
    if (!mine || !other) return `${key} only in ${mine ? 'ours' : 'theirs'}`;
    for (const time of new Set([...mine.keys(), ...other.keys()])) {
      const [a, b] = [mine.get(time), other.get(time)];
      if (a === undefined || b === undefined || !sameValue(a, b))
        return `${key} at ${time}: ours ${a}, theirs ${b}`;
    }
  }
  return undefined;
}

/** Functions whose argument may be so large that its last bit decides the result. */
const CHAOTIC = /\b(cos|exp|hour|minute|day_of_week|month|year|days_in_month)\(|%|\^/;

const built = existsSync(REFERENCE);

describe.skipIf(!built)(
  `against Prometheus (${built ? 'built' : 'not built: run build-reference.ts'})`,
  () => {
    it(`agrees on ${QUERIES} queries of seed ${SEED}`, { timeout: 600_000 }, async () => {
      const requests = generateRequests(SEED, QUERIES);
      const answers = askReference(requests);
      const engines = [false, true].map((delayedNameRemoval) =>
        createEngine({ experimentalFunctions: true, fillModifiers: true, delayedNameRemoval }),
      );
      const storage = new MemoryStorage();
      let loaded = '';
      const differences: string[] = [];
      for (const [index, request] of requests.entries()) {
        if (request.load !== loaded) {
          loaded = request.load;
          fill(storage, loaded);
        }
        const engine = engines[Number(request.delayedNameRemoval)];
        const answer = answers[index];
        if (!engine || !answer) throw new Error(`no answer to ${request.query}`);
        const problem = difference(await askOurs(engine, storage, request), answer);
        if (problem !== undefined && !CHAOTIC.test(request.query)) {
          differences.push(
            `${request.query} [${request.startMs}..${request.endMs}/${request.stepMs}]: ${problem}`,
          );
        }
      }
      expect(differences).toEqual([]);
      // Most queries must have something to agree on.
      expect(answers.filter(({ series }) => series?.some(({ points }) => points)).length).toBeGreaterThan(
        QUERIES / 2,
      );
    });
  },
);
