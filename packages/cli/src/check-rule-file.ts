import { readFile } from 'node:fs/promises';
import { formatProblem, parseRuleFile } from '@plimsoll/rules';

/** Checks a rule file. Throws with every fault by line. */
export async function checkRuleFile(file: string): Promise<string> {
  const { groups, problems } = parseRuleFile(file, await readFile(file, 'utf8'));
  if (problems.length > 0) throw new Error(problems.map(formatProblem).join('\n'));
  const rules = groups.reduce((sum, group) => sum + group.rules.length, 0);
  return `valid; ${rules} rules in ${groups.length} groups`;
}
