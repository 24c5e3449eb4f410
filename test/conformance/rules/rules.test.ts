import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { formatExpression, parseExpression } from '@plimsoll/promql';
import { formatProblem, parseRuleFile } from '@plimsoll/rules';
import { describe, expect, it } from 'vitest';

const shared = path.resolve(import.meta.dirname, '../../../../shared/conformance');
const files = globSync('rules/*.yml', { cwd: shared });

describe.skipIf(!existsSync(shared))(
  'published rule files (skipped where the shared corpus is absent)',
  () => {
    it('are there', () => {
      expect(files.length).toBeGreaterThan(0);
    });

    it.each(files)('%s loads, and its expressions survive formatting', (file) => {
      const { groups, problems } = parseRuleFile(file, readFileSync(path.join(shared, file), 'utf8'));
      expect(problems).toEqual([]);
      const rules = groups.flatMap((group) => group.rules);
      expect(rules.length).toBeGreaterThan(0);
      for (const { expression } of rules) {
        const text = formatExpression(expression);
        expect(formatExpression(parseExpression(text))).toBe(text);
      }
    });
  },
);

/** What the newest promtool says of each of its fixtures: the number of rules, or its complaint. */
const checked: readonly (readonly [file: string, expected: number | readonly string[]])[] = [
  ['rules.yml', 5],
  ['at-modifier.yml', 1],
  ['negative-offset.yml', 1],
  ['rules_duplicates.yml', 5],
  ['prometheus-rules.lint.yml', 2],
  [
    'rules-bad.yml',
    [
      'group "alerts", rule 1, "InstanceDown": annotation "summary": template: __alert_InstanceDown:1: undefined variable "$label"',
    ],
  ],
  [
    'bad-rules-syntax.yml',
    [
      '7:15: group "bad-syntax", rule 1, "x": could not parse expression: 1:7: parse error: unexpected end of input',
    ],
  ],
  [
    'rules_extrafields.yml',
    [
      'field namespace not found in type rulefmt.RuleGroup',
      'field ownership not found in type rulefmt.RuleGroup',
    ],
  ],
  [
    'features.yml',
    ['function "sort_by_label" is not enabled', 'binop fill modifiers are experimental and not enabled'],
  ],
];

describe.skipIf(!existsSync(shared))('check rules says of the fixtures what promtool says', () => {
  it.each(checked)('%s', (file, expected) => {
    const { groups, problems } = parseRuleFile(
      file,
      readFileSync(path.join(shared, 'promtool', file), 'utf8'),
    );
    if (typeof expected === 'number') {
      expect(problems).toEqual([]);
      expect(groups.flatMap((group) => group.rules)).toHaveLength(expected);
      return;
    }
    const messages = problems.map(formatProblem);
    expect(messages).toHaveLength(expected.length);
    expected.forEach((part, i) => expect(messages[i]).toContain(part));
  });
});
