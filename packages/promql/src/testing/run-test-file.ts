import { createEngine, type Engine } from '../engine.ts';
import { PromqlError } from '../errors.ts';
import { MemoryStorage } from '../memory-storage.ts';
import type { InstantVector, QueryResult } from '../result.ts';
import type { Expression } from '../syntax/ast.ts';
import { classicToNative, type FloatSeries } from './classic-to-native.ts';
import { compareResult, compareVector } from './compare-result.ts';
import { checkAnnotations, matchesMessage } from './check-annotations.ts';
import { type EvalCommand, type LoadCommand, parseTestFile, type TestCommand } from './parse-test-file.ts';
import { withFixedTimes } from './fixed-times.ts';

/** One `eval` that did not do what was expected. */
export interface TestFailure {
  readonly name: string;
  readonly line: number;
  readonly query: string;
  readonly message: string;
}

export interface TestRun {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly TestFailure[];
}

/** As Prometheus' own test engine: everything on. */
const TEST_OPTIONS = {
  experimentalFunctions: true,
  fillModifiers: true,
  unquotedUtf8Names: true,
  delayedNameRemoval: true,
  startTimestamps: true,
  maxSamples: 10_000,
};

/**
 * Runs a file in the language of Prometheus' PromQL tests. Each instant query is also run with its time fixed by `@`
 * at other times, and as the middle of a range query, and must give the same. Throws `TestFileError` where the file
 * cannot be read.
 */
export async function runPromqlTest(text: string, name: string): Promise<TestRun> {
  const commands = parseTestFile(text);
  const runner = new TestRunner(name, createEngine(TEST_OPTIONS));
  for (const command of commands) await runner.execute(command);
  return { passed: runner.passed, failed: runner.failures.length, failures: runner.failures };
}

class TestRunner {
  passed = 0;
  readonly failures: TestFailure[] = [];
  readonly #name: string;
  readonly #engine: Engine;
  readonly #storage = new MemoryStorage();

  constructor(name: string, engine: Engine) {
    this.#name = name;
    this.#engine = engine;
  }

  async execute(command: TestCommand): Promise<void> {
    if (command.kind === 'clear') this.#storage.clear();
    else if (command.kind === 'load') load(this.#storage, command);
    else {
      const message = await this.#evaluate(command);
      if (message === undefined) this.passed++;
      else this.failures.push({ name: this.#name, line: command.line, query: command.text, message });
    }
  }

  async #evaluate(command: EvalCommand): Promise<string | undefined> {
    if (command.range) return this.#evaluateRange(command, command.range);
    const problem = await this.#evaluateInstant(command, command.timeMs, undefined);
    if (problem !== undefined || command.fail) return problem;
    const fixed = withFixedTimes(this.#engine.parse(command.text), command.timeMs);
    if (!fixed) return undefined;
    const { timeMs } = command;
    const times =
      timeMs === 0 ? [-1000, 0, 1000] : [-10 * timeMs, 0, Math.trunc(timeMs / 5), timeMs, 10 * timeMs];
    for (const each of times) {
      const atEach = await this.#evaluateInstant(command, each, fixed);
      if (atEach !== undefined) return `with fixed times, evaluated at ${each} ms: ${atEach}`;
    }
    return undefined;
  }

  async #evaluateRange(
    command: EvalCommand,
    range: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
  ): Promise<string | undefined> {
    const outcome = await attempt(() =>
      this.#engine.queryRange({ text: command.text, queryable: this.#storage, ...range }),
    );
    return judge(outcome, command);
  }

  async #evaluateInstant(
    command: EvalCommand,
    timeMs: number,
    fixed: Expression | undefined,
  ): Promise<string | undefined> {
    const query = { text: command.text, ...(fixed && { expression: fixed }), queryable: this.#storage };
    const outcome = await attempt(() => this.#engine.queryInstant({ ...query, timeMs }));
    const problem = judge(outcome, command);
    if (problem !== undefined || outcome instanceof PromqlError) return problem;
    if (command.expectedRange || command.expectedString !== undefined) return undefined;
    // These calls mean something else in a range query.
    if (/(start|end|range|step)\(\)/.test(command.text)) return undefined;
    const minute = 60_000;
    const inRange = await attempt(() =>
      this.#engine.queryRange({ ...query, startMs: timeMs - minute, endMs: timeMs + minute, stepMs: minute }),
    );
    if (inRange instanceof PromqlError) return `as a range query: ${inRange.message}`;
    if (command.ordered) return undefined;
    const middle = compareMiddle(inRange, timeMs, command);
    return middle === undefined ? undefined : `as a range query: ${middle}`;
  }
}

async function attempt<R>(query: () => Promise<R>): Promise<R | PromqlError> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof PromqlError) return error;
    throw error;
  }
}

function judge(outcome: QueryResult | PromqlError, command: EvalCommand): string | undefined {
  if (outcome instanceof PromqlError) {
    if (!command.fail) return `failed: ${outcome.message}`;
    return matchesMessage(outcome.message, command.fail) ? undefined : `failed otherwise: ${outcome.message}`;
  }
  if (command.fail) return 'expected a failure';
  return checkAnnotations(outcome, command) ?? compareResult(outcome.value, command);
}

function compareMiddle({ value }: QueryResult, timeMs: number, command: EvalCommand): string | undefined {
  if (value.type !== 'matrix') return 'expected a matrix';
  const present = value.series.filter(({ timestamps }) => timestamps.includes(timeMs));
  const at = (each: (typeof present)[number]) => each.timestamps.indexOf(timeMs);
  const [first] = present;
  const scalar = command.expected.find(({ labels }) => labels === undefined);
  if (scalar) {
    return compareResult({ type: 'scalar', timeMs, value: first?.values[at(first)] ?? Number.NaN }, command);
  }
  const vector: InstantVector = {
    type: 'vector',
    timeMs,
    labels: present.map(({ labels }) => labels),
    values: Float64Array.from(present, (each) => each.values[at(each)] ?? 0),
    histograms: present.map((each) => each.histograms?.[at(each)]),
  };
  return compareVector(vector, command);
}

function load(storage: MemoryStorage, command: LoadCommand): void {
  const floats: FloatSeries[] = [];
  for (const { labels, values, startOffsets } of command.series) {
    const samples = values.flatMap((value, index) => {
      if (value.kind === 'omitted') return [];
      const timeMs = index * command.stepMs;
      const stored =
        value.kind === 'float' ? value.value : value.kind === 'stale' ? 'stale' : value.histogram;
      const offset = startOffsets?.[index];
      return [
        { timeMs, value: stored, ...(offset !== undefined && { startTimeMs: timeMs + offset }) },
      ] as const;
    });
    storage.append(labels, samples);
    floats.push({
      labels,
      samples: samples.flatMap(({ timeMs, value }) => (typeof value === 'number' ? [{ timeMs, value }] : [])),
    });
  }
  if (!command.nativeToo) return;
  for (const { labels, samples } of classicToNative(floats)) storage.append(labels, samples);
}
