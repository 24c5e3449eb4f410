import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { budget, randomOf, seedOf } from '../../support/budget.ts';
import { type Program, startProgram } from '../../support/program.ts';
import { newestPrometheus } from '../../support/prometheus-programs.ts';
import { type Answer, ask, get, type Query, type Series } from './ask.ts';
import { labelsKey } from './compare-answers.ts';
import { Dice } from './dice.ts';
import { type Answers, type Cause, findCause } from './find-cause.ts';
import { ExpressionGenerator } from './generate-expression.ts';
import { generateSeries, type TimeSpan } from './generate-series.ts';
import { type Prometheus, startPrometheus } from './start-prometheus.ts';
import { remoteWrite } from './remote-write.ts';

const prometheus = await newestPrometheus('prometheus');

const CONFIG = 'global: {evaluation_interval: 30s}\n';
/** The same in every run, so that a seed says all: an empty server takes samples of any age. */
const START_MS = Date.UTC(2026, 0, 31, 23, 0);
/** Prometheus cuts its first block after three hours of samples. */
const HISTORY_MS = 2 * 3_600_000;
const CONCURRENCY = 4;
/** 10,000 queries take a minute on two cores that have nothing else to do. */
const TEST_TIMEOUT_MS = 1_800_000;
/** Enough to see what is wrong. */
const MAX_REPORTED = 20;

describe.skipIf('missing' in prometheus)('beside a real Prometheus', () => {
  const queries = budget({ short: 200, long: 10_000 });
  const seed = seedOf('differential');
  const dice = new Dice(randomOf(seed));
  const span: TimeSpan = { startMs: START_MS, endMs: START_MS + HISTORY_MS };
  let ours: Program;
  let theirs: Prometheus;

  beforeAll(async () => {
    if ('missing' in prometheus) throw new Error(prometheus.missing);
    ours = await startProgram({
      command: 'collector',
      config: `${CONFIG}shippedRules: false\nstorage: {retention: {time: 100y}}\n`,
    });
    theirs = await startPrometheus(prometheus.path, CONFIG);
    const series = generateSeries(dice, span);
    await remoteWrite(theirs.url, series, span);
    await remoteWrite(ours.web, series, span);
  });
  afterAll(async () => {
    await ours[Symbol.asyncDispose]();
    await theirs[Symbol.asyncDispose]();
  });

  const askBoth = async (query: Query): Promise<Answers> => {
    const [mine, their] = await Promise.all([ask(ours.web, query), ask(theirs.url, query)]);
    return { ours: mine, theirs: their };
  };

  it(
    `answers ${queries} random queries alike`,
    async () => {
      const generator = new ExpressionGenerator(dice, span);
      const counts = { filled: 0, empty: 0, refused: 0, tie: 0, rounding: 0, deviation: 0, difference: 0 };
      const reports: string[] = [];
      let asked = 0;
      const worker = async (): Promise<void> => {
        while (asked < queries && reports.length < MAX_REPORTED) {
          asked++;
          const query = timed(dice, span, generator.expression());
          const answers = await askBoth(query);
          counts[kindOf(answers.theirs)]++;
          const cause = await findCause(askBoth, query, answers);
          if (cause === undefined) continue;
          counts[cause.kind]++;
          if (cause.kind === 'difference') reports.push(report(query, cause));
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, worker));
      console.log(`differential: ${asked} queries, ${JSON.stringify(counts)}`);
      expect(reports.join('\n\n')).toBe('');
      expect(counts.filled, 'queries that find something').toBeGreaterThan(asked / 2);
      expect(counts.tie + counts.rounding + counts.deviation, 'excuses').toBeLessThanOrEqual(asked / 50);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    `formats and parses ${queries} expressions alike`,
    async () => {
      const generator = new ExpressionGenerator(dice, span);
      const reports: string[] = [];
      for (let asked = 0; asked < queries && reports.length < MAX_REPORTED; asked++) {
        const form = new URLSearchParams({ query: generator.expression() });
        for (const endpoint of ['format_query', 'parse_query']) {
          reports.push(...(await compareJson(endpoint, form)));
        }
      }
      expect(reports.join('\n\n')).toBe('');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    `finds the same series and labels for ${queries / 10} selectors`,
    async () => {
      const generator = new ExpressionGenerator(dice, span);
      const reports: string[] = [];
      for (let asked = 0; asked < queries / 10 && reports.length < MAX_REPORTED; asked++) {
        const form = new URLSearchParams({ 'match[]': generator.selector() });
        for (const endpoint of ['series', 'labels', 'label/job/values', 'label/__name__/values']) {
          reports.push(...(await compareJson(endpoint, form)));
        }
      }
      expect(reports.join('\n\n')).toBe('');
    },
    TEST_TIMEOUT_MS,
  );

  /** A report where the answers are not the same, none where they are. */
  async function compareJson(endpoint: string, form: URLSearchParams): Promise<string[]> {
    const [mine, their] = await Promise.all(
      [ours.web, theirs.url].map(async (url) => sorted(endpoint, await get(url, endpoint, form))),
    );
    if (isDeepStrictEqual(mine, their)) return [];
    const answers = `  ours   ${shortened(mine)}\n  theirs ${shortened(their)}`;
    return [`${endpoint} differs: ${form.toString()}\n${answers}`];
  }
});

/** Series are found in any order. */
function sorted(endpoint: string, answer: object): object {
  if (endpoint !== 'series' || !('data' in answer)) return answer;
  const series = (answer.data as Series['metric'][]).map((labels) => labelsKey(labels));
  return { ...answer, data: series.sort() };
}

/** At one time or over a range, within the data and a little beyond both of its ends. */
function timed(dice: Dice, { startMs, endMs }: TimeSpan, expression: string): Query {
  const time = (): number => {
    const marginMs = dice.chance(0.1) ? 400_000 : -300_000;
    return dice.integer((startMs - marginMs) / 1000, (endMs + marginMs) / 1000);
  };
  const lookback = dice.chance(0.1) ? { lookback: dice.word('15s 1m 12m 90.5') } : {};
  if (dice.chance(0.5)) {
    const start = dice.chance(0.3) ? time() + 0.123 : time();
    return { expression, start, end: start, step: 0, ...lookback };
  }
  const step = dice.pick([15, 30, 60, 60, 300, 7, 0.5]);
  const start = time();
  return { expression, start, end: start + step * dice.integer(0, 40), step, ...lookback };
}

function kindOf({ status, data }: Answer): 'filled' | 'empty' | 'refused' {
  if (status !== 'success') return 'refused';
  return data !== undefined && data.result.length > 0 ? 'filled' : 'empty';
}

function shortened(answer: object | undefined): string {
  return JSON.stringify(answer ?? null).slice(0, 1500);
}

function report(query: Query, { query: cause, what, ours, theirs }: Cause): string {
  return [
    `${what} differs: ${cause.expression}`,
    `  at ${JSON.stringify({ ...cause, expression: undefined })}`,
    `  found in ${query.expression}`,
    `  ours   ${shortened(ours)}`,
    `  theirs ${shortened(theirs)}`,
  ].join('\n');
}
