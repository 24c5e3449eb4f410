import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { formatProblem, type LoadedRuleFile, runRuleTests } from '@plimsoll/rules';

/** Runs one unit-test file in promtool's format and prints what differs. */
export async function testRulesFile(file: string): Promise<{ passed: number; failed: number }> {
  const { problems, tests } = await runRuleTests(file, await readFile(file, 'utf8'), async (pattern) =>
    ruleFiles(path.dirname(file), pattern),
  );
  for (const problem of problems) console.log(formatProblem(problem));
  const failed = tests.filter(({ failures }) => failures.length > 0);
  for (const { name, failures } of failed)
    for (const failure of failures) console.log(`${file}: ${name}: ${failure}`);
  return { passed: tests.length - failed.length, failed: failed.length + problems.length };
}

async function ruleFiles(directory: string, pattern: string): Promise<LoadedRuleFile[]> {
  const found = globSync(pattern, { cwd: directory }).toSorted();
  if (found.length === 0 && !/[*?[{]/.test(pattern))
    throw new Error(`rule_files: there is no file ${pattern} in ${directory}`);
  return Promise.all(
    found.map(async (name) => {
      const file = path.resolve(directory, name);
      return { file, contents: await readFile(file, 'utf8') };
    }),
  );
}
