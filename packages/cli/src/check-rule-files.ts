import { formatProblem, parseRuleFile } from '@plimsoll/rules';
import { type FileCheck, readFiles } from './file-check.ts';

/** Checks rule files, each alone. */
export const checkRuleFiles: FileCheck = async (files) => {
  const { texts, faults } = await readFiles(files);
  const lines: string[] = [];
  for (const { path, text } of texts) {
    const { groups, problems } = parseRuleFile(path, text);
    faults.push(...problems.map(formatProblem));
    const rules = groups.reduce((sum, group) => sum + group.rules.length, 0);
    if (problems.length === 0) lines.push(`${path}: valid; ${rules} rules in ${groups.length} groups`);
  }
  return { lines, faults };
};
