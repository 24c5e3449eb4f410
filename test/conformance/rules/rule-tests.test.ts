import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  type LoadedRuleFile,
  type RuleTestOptions,
  type RuleTestReport,
  runRuleTests,
} from '@plimsoll/rules';
import { describe, expect, it } from 'vitest';

const folder = path.resolve(import.meta.dirname, '../../../../shared/conformance/promtool');

async function load(pattern: string): Promise<readonly LoadedRuleFile[]> {
  const file = path.join(folder, pattern);
  return existsSync(file) ? [{ file: pattern, contents: readFileSync(file, 'utf8') }] : [];
}

async function run(file: string, options: RuleTestOptions = {}): Promise<RuleTestReport> {
  return runRuleTests(file, readFileSync(path.join(folder, file), 'utf8'), load, options);
}

function failuresOf(report: RuleTestReport): string[] {
  return [
    ...report.problems.map(({ message }) => message),
    ...report.tests.flatMap(({ failures }) => failures),
  ];
}

describe.skipIf(!existsSync(folder))(
  'unit tests of rules (skipped where the shared corpus is absent)',
  () => {
    // What promtool 3.16 answers to its own fixtures.
    it.each([
      'unittest.yml',
      'long-period.yml',
      'no-test-group-interval.yml',
      'start-time-test.yml',
      'at-modifier-test.yml',
      'negative-offset-test.yml',
    ])('%s passes', async (file) => {
      expect(failuresOf(await run(file))).toEqual([]);
    });

    it.each([
      ['bad-input-series.yml', 'parse error'],
      ['bad-promql.yml', 'many-to-many matching not allowed: matching labels must be unique on one side'],
      [
        'bad-rules-error-test.yml',
        '    rule: joined, time: 0s, err: found duplicate series for the match group {a="1"}',
      ],
      ['bad-rules-syntax-test.yml', 'could not parse expression: 1:7: parse error: unexpected end of input'],
      ['rules_run.yml', 'exp: {__name__="test"} 1E+00\n        got: {__name__="test"} 0E+00'],
      ['rules_run_fuzzy.yml', 'expr: "test_low", time: 0s,\n        exp: {__name__="test_low"} 3E+00'],
      ['rules_run_no_fuzzy.yml', 'got: {__name__="test_low"} 2.9999999999999996E+00'],
    ])('%s fails', async (file, message) => {
      const report = await run(file);
      expect(report.passed).toBe(false);
      expect(failuresOf(report).join('\n')).toContain(message);
    });

    it('words failures as promtool does', async () => {
      const failures = failuresOf(await run('failing.yml'));
      expect(failures).toEqual([
        '    name: Failing test,\n    alertname: Test, time: 0s, \n        exp:[\n            0:\n              Labels:{alertname="Test"}\n              Annotations:{}\n            ], \n        got:[]',
        '    expr: "test", time: 0s,\n        exp: {__name__="test"} 1E+00\n        got: {__name__="test"} 0E+00',
        '    name: Failing alert test,\n    alertname: InstanceDown, time: 5m, \n        exp:[], \n        got:[\n            0:\n              Labels:{alertname="InstanceDown", job="test", severity="page"}\n              Annotations:{description=" of job test has been down for more than 5 minutes.", summary="Instance  down"}\n            ]',
        '    name: Failing alert test,\n    alertname: AlwaysFiring, time: 5m, \n        exp:[], \n        got:[\n            0:\n              Labels:{alertname="AlwaysFiring"}\n              Annotations:{}\n            ]',
      ]);
    });

    it('runs only the tests asked for', async () => {
      expect(await run('rules_run.yml', { run: /correct/ })).toMatchObject({
        passed: true,
        tests: [{ name: 'correct test' }],
      });
      expect(await run('rules_run.yml', { run: /wrong/ })).toMatchObject({ passed: false });
      expect(await run('rules_run_fuzzy.yml', { run: /correct/ })).toMatchObject({ passed: true });
    });
  },
);
