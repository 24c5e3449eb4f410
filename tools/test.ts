import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runChecks } from './checks.ts';
import { root, run } from './run.ts';

/** `tools/dev test [--long] [vitest arguments]`: static checks, then every suite, then one closing line of counts. */
const args = process.argv.slice(2);
const long = args.includes('--long');
const rest = args.filter((arg) => arg !== '--long');

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** What failed, by name: the closing lines must tell where to look. */
const failures: string[] = [];

let passed = 0;
let failed = 0;
let skipped = 0;

if (rest.length === 0) {
  for (const { name, complaint } of await runChecks()) {
    console.log(`${complaint === '' ? 'ok  ' : 'FAIL'} ${name}`);
    if (complaint === '') passed++;
    else {
      failed++;
      failures.push(name);
      console.log(complaint);
    }
  }
}

const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-test-'));
try {
  const reportFile = path.join(directory, 'report.json');
  const { code } = await run(
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...rest],
    { inherit: true, ...(long ? { env: { PLIMSOLL_TEST_LONG: '1' } } : {}) },
  );
  const report = JSON.parse(await readFile(reportFile, 'utf8')) as VitestReport;
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  for (const { name, status, assertionResults } of report.testResults) {
    const wrong = assertionResults.filter((test) => test.status === 'failed').map((test) => test.fullName);
    if (status === 'failed' && wrong.length === 0) wrong.push('could not be loaded');
    failures.push(...wrong.map((test) => `${path.relative(root, name)}: ${test}`));
  }
  // A file that cannot be loaded has no failed test, yet must fail the run.
  if (code !== 0 && report.numFailedTests === 0) failed += Math.max(1, report.numFailedTestSuites);
} finally {
  await rm(directory, { recursive: true, force: true });
}

for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
