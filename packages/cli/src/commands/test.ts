import { EXIT, UsageError } from '../exit-code.ts';
import { helpText, parseFlags } from '../flags.ts';
import { isSystemError, readFailure } from '../read-failure.ts';

/** Runs one file; prints what failed and answers how many cases passed and failed. */
type RunFile = (file: string) => Promise<{ passed: number; failed: number }>;

const KINDS: Readonly<Record<string, () => Promise<RunFile>>> = {
  promql: async () => (await import('../test-promql-file.ts')).testPromqlFile,
  rules: async () => (await import('../test-rules-file.ts')).testRulesFile,
};

/** `plimsoll test promql|rules FILE...`: the last line is `N passed, M failed`. */
export async function testCommand([kind = '--help', ...args]: readonly string[]): Promise<number> {
  const parsed = await parseFlags([], args);
  if (kind === '--help' || kind === '-h' || parsed.help) {
    const summary =
      "promql: files in the language of Prometheus' PromQL tests. rules: unit tests in promtool's format.\n" +
      'Exit code 1 when a case failed.';
    console.log(helpText(`test ${Object.keys(KINDS).join('|')} FILE...`, summary, []));
    return EXIT.ok;
  }
  const load = KINDS[kind];
  if (load === undefined) {
    throw new UsageError(`nothing to test called "${kind}"; valid: ${Object.keys(KINDS).join(', ')}`);
  }
  if (parsed.positionals.length === 0) throw new UsageError(`FILE missing: plimsoll test ${kind} FILE...`);
  const runFile = await load();
  let passed = 0;
  let failed = 0;
  for (const file of parsed.positionals) {
    try {
      const counts = await runFile(file);
      passed += counts.passed;
      failed += counts.failed;
    } catch (error) {
      failed++;
      console.log(faultOf(file, error));
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? EXIT.ok : EXIT.runtime;
}

/** A file that a test names may be the one that is missing: the error says which. */
function faultOf(file: string, error: unknown): string {
  if (isSystemError(error)) return readFailure(error.path ?? file, error);
  return `${file}: ${error instanceof Error ? error.message : String(error)}`;
}
