import { formatDuration, Labels } from '@plimsoll/promql';
import { activeAlerts } from '../alert-state.ts';
import { parseRuleFile } from '../parse-rule-file.ts';
import { type FileProblem, formatProblem, type RuleGroup } from '../rule-file.ts';
import { RuleGroupRunner } from '../rule-group-runner.ts';
import {
  type ComparedSample,
  formatAlerts,
  formatSamples,
  sameAlerts,
  sameSamples,
} from './compare-results.ts';
import { parseRuleTestFile, type RuleTest, type RuleTestFile } from './rule-test-file.ts';
import { RuleTestBench } from './rule-test-bench.ts';

/** A rule file named by a test file. */
export interface LoadedRuleFile {
  readonly file: string;
  readonly contents: string;
}

/** Finds the rule files behind a name or glob of `rule_files`, relative to the test file. */
export type RuleFileLoader = (pattern: string) => Promise<readonly LoadedRuleFile[]>;

export interface RuleTestOptions {
  /** Runs only tests whose name matches; unnamed ones are `unnamed#0`, `unnamed#1`, ... */
  readonly run?: RegExp;
  readonly ignoreUnknownFields?: boolean;
}

export interface RuleTestResult {
  readonly name: string;
  /** What differs, as promtool words it; empty when the test passed. */
  readonly failures: readonly string[];
}

export interface RuleTestReport {
  readonly file: string;
  /** What is wrong with the test file itself; its tests are not run then. */
  readonly problems: readonly FileProblem[];
  readonly tests: readonly RuleTestResult[];
  readonly passed: boolean;
}

/** Runs a unit-test file of promtool: the same files pass and fail. */
export async function runRuleTests(
  file: string,
  contents: string,
  load: RuleFileLoader,
  options: RuleTestOptions = {},
): Promise<RuleTestReport> {
  const { testFile, problems } = parseRuleTestFile(file, contents, options);
  if (problems.length > 0) return { file, problems, tests: [], passed: false };
  const ruleFiles: LoadedRuleFile[] = [];
  for (const pattern of testFile.ruleFiles) ruleFiles.push(...(await load(pattern)));
  const tests: RuleTestResult[] = [];
  for (const [i, test] of testFile.tests.entries()) {
    const name = test.name === '' ? `unnamed#${i}` : test.name;
    if (options.run && !options.run.test(name)) continue;
    tests.push({ name, failures: await runTest(test, testFile, ruleFiles, options) });
  }
  return { file, problems, tests, passed: tests.every(({ failures }) => failures.length === 0) };
}

async function runTest(
  test: RuleTest,
  testFile: RuleTestFile,
  ruleFiles: readonly LoadedRuleFile[],
  options: RuleTestOptions,
): Promise<readonly string[]> {
  let bench: RuleTestBench;
  try {
    bench = new RuleTestBench(test, testFile.evaluationIntervalMs);
  } catch (error) {
    return [messageOf(error)];
  }
  const parsed = ruleFiles.map(({ file, contents }) => parseRuleFile(file, contents, options));
  const problems = parsed.flatMap((one) => one.problems);
  if (problems.length > 0) return problems.map(formatProblem);
  const groups = inOrder(
    parsed.flatMap((one) => one.groups),
    testFile.groupOrder,
  );
  const runners = groups.map((group) => startRunner(group, test, bench));
  const failures = await runRules(test, testFile.evaluationIntervalMs, runners, bench);
  if (failures.ended) return failures.found;
  return [...failures.found, ...(await checkExpressions(test, testFile.fuzzyCompare, bench))];
}

/** Groups not in the list come with the first one: promtool's order is partial. */
function inOrder(groups: readonly RuleGroup[], order: readonly string[]): readonly RuleGroup[] {
  const rank = (group: RuleGroup): number => Math.max(order.indexOf(group.name), 0);
  return groups.toSorted((a, b) => rank(a) - rank(b));
}

function startRunner(group: RuleGroup, test: RuleTest, bench: RuleTestBench): RuleGroupRunner {
  const runner = new RuleGroupRunner(group, {
    query: () => async (expression, timeMs) => bench.query(expression, timeMs),
    append: (samples, stale) => bench.append(samples, stale),
    now: () => 0,
    externalLabels: test.externalLabels,
    externalUrl: test.externalUrl,
  });
  for (const rule of runner.unrestored) runner.restore(rule, new Map());
  return runner;
}

/** Evaluates the rules from the start to the last time a test looks at; a rule that fails ends the test. */
async function runRules(
  test: RuleTest,
  intervalMs: number,
  runners: readonly RuleGroupRunner[],
  bench: RuleTestBench,
): Promise<{ found: readonly string[]; ended: boolean }> {
  const lastMs = Math.max(
    0,
    ...test.alerts.map(({ atMs }) => atMs),
    ...test.expressions.map(({ atMs }) => atMs),
  );
  const found: string[] = [];
  for (let sinceMs = 0; sinceMs <= lastMs; sinceMs += intervalMs) {
    const atMs = test.startMs + sinceMs;
    bench.loadUntil(atMs);
    for (const runner of runners) await runner.evaluate(atMs);
    const failed = runners
      .flatMap(({ rules }) => rules)
      .filter(({ health }) => health === 'err')
      .map(
        ({ rule, lastError }) => `    rule: ${rule.name}, time: ${formatGoDuration(atMs)}, err: ${lastError}`,
      );
    if (failed.length > 0) return { found: [...found, ...failed], ended: true };
    found.push(...checkAlerts(test, sinceMs, sinceMs + intervalMs, runners));
  }
  return { found, ended: false };
}

/** Compares the alerts expected between one evaluation and the next with those of the first. */
function checkAlerts(
  test: RuleTest,
  fromMs: number,
  toMs: number,
  runners: readonly RuleGroupRunner[],
): readonly string[] {
  const due = test.alerts
    .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
    .toSorted((a, b) => a.atMs - b.atMs);
  return due.flatMap(({ atMs, alertname, expected }) => {
    const got = runners
      .flatMap(({ rules }) => rules)
      .filter(({ rule }) => rule.kind === 'alerting' && rule.name === alertname)
      .flatMap(({ alerts }) => activeAlerts(alerts).filter(({ state }) => state === 'firing'))
      .map(({ labels, annotations }) => ({ labels, annotations }));
    const wanted = expected.map(({ labels, annotations }) => ({
      labels: Labels.of(labels).with({ alertname }),
      annotations,
    }));
    if (sameAlerts(wanted, got)) return [];
    const name = test.name === '' ? '' : `    name: ${test.name},\n`;
    return [
      `${name}    alertname: ${alertname}, time: ${formatDuration(atMs)}, \n` +
        `        exp:${formatAlerts(wanted)}, \n        got:${formatAlerts(got)}`,
    ];
  });
}

async function checkExpressions(
  test: RuleTest,
  fuzzy: boolean,
  bench: RuleTestBench,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { atMs, expression, expected } of test.expressions) {
    const place = `    expr: ${JSON.stringify(expression)}, time: ${formatDuration(atMs)},`;
    try {
      const got = bench.compared(await bench.query(expression, test.startMs + atMs));
      const wanted: ComparedSample[] = expected.map((sample) => bench.expected(sample));
      if (sameSamples(wanted, got, fuzzy)) continue;
      failures.push(`${place}\n        exp: ${formatSamples(wanted)}\n        got: ${formatSamples(got)}`);
    } catch (error) {
      failures.push(`${place} err: ${messageOf(error)}`);
    }
  }
  return failures;
}

/** As Go prints a time.Duration: `1m0s`, where Prometheus' own notation has `1m`. */
function formatGoDuration(ms: number): string {
  const seconds = `${(ms / 1000) % 60}s`;
  const minutes = Math.trunc(ms / 60_000);
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.trunc(minutes / 60)}h${minutes % 60}m${seconds}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
