import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRuleFile } from './parse-rule-file.ts';
import { formatProblem } from './rule-file.ts';

function problems(contents: string): string[] {
  return parseRuleFile('team.yml', contents).problems.map(formatProblem);
}

const group = (rules: string): string => `groups:\n- name: disks\n  rules:\n${rules}`;

describe('parseRuleFile', () => {
  it('reads groups and rules with all their fields', () => {
    const { groups, problems: none } = parseRuleFile(
      'team.yml',
      `groups:
- name: disks
  interval: 15s
  query_offset: 1m
  limit: 10
  labels: {team: storage, severity: info}
  rules:
  - record: disk:free:ratio
    expr: free / size
  - alert: DiskFull
    expr: disk:free:ratio < 0.1
    for: 5m
    keep_firing_for: 1h
    labels: {severity: critical}
    annotations: {summary: "{{ $labels.device }}"}
`,
    );
    expect(none).toEqual([]);
    expect(groups).toMatchObject([
      {
        file: 'team.yml',
        name: 'disks',
        intervalMs: 15_000,
        queryOffsetMs: 60_000,
        limit: 10,
        rules: [
          {
            kind: 'recording',
            name: 'disk:free:ratio',
            text: 'free / size',
            labels: { team: 'storage', severity: 'info' },
          },
          {
            kind: 'alerting',
            name: 'DiskFull',
            forMs: 300_000,
            keepFiringForMs: 3_600_000,
            labels: { team: 'storage', severity: 'critical' },
            line: 10,
          },
        ],
      },
    ]);
  });

  it('names file, line, column and the nearest key for an unknown one', () => {
    expect(problems(group('  - alert: A\n    exp: up\n    expr: up\n'))).toEqual([
      'team.yml:5:5: field exp not found in type rulefmt.Rule; did you mean expr?',
    ]);
    expect(problems('groups:\n- name: a\n  intervall: 1m\n')).toEqual([
      'team.yml:3:3: field intervall not found in type rulefmt.RuleGroup; did you mean interval?',
    ]);
    expect(problems('rules: []\n')).toEqual([
      'team.yml:1:1: field rules not found in type rulefmt.RuleGroups; valid are groups',
    ]);
  });

  it('lets unknown keys pass when told to', () => {
    const options = { ignoreUnknownFields: true };
    expect(
      parseRuleFile('a', group('  - alert: A\n    owner: me\n    expr: up\n'), options).problems,
    ).toEqual([]);
  });

  it.each([
    ['  - expr: up\n', "one of 'record' or 'alert' must be set"],
    ['  - {alert: A, record: b, expr: up}\n', "only one of 'record' and 'alert' must be set"],
    ['  - alert: A\n', "field 'expr' must be set in rule"],
    [
      '  - {alert: A, expr: "up +"}\n',
      'could not parse expression: 1:5: parse error: unexpected end of input',
    ],
    ['  - {record: a, expr: up, for: 5m}\n', "invalid field 'for' in recording rule"],
    ['  - {record: a, expr: up, keep_firing_for: 5m}\n', "invalid field 'keep_firing_for' in recording rule"],
    ['  - {record: a, expr: up, annotations: {b: c}}\n', "invalid field 'annotations' in recording rule"],
    [
      '  - {record: "a{b}", expr: up}\n',
      'braces present in the recording rule name; should it be in expr?: a{b}',
    ],
    ['  - {alert: A, expr: up, labels: {__name__: x}}\n', 'invalid label name: __name__'],
    [
      '  - {alert: A, expr: up, annotations: {a: "{{ $label.x }}"}}\n',
      'annotation "a": template: __alert_A:1: undefined variable "$label"',
    ],
    ['  - {alert: A, expr: up, for: 5 minutes}\n', 'unknown unit " minutes" in duration "5 minutes"'],
  ])('refuses %s', (rules, message) => {
    const found = problems(group(rules));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^team\.yml:4:\d+: /);
    expect(found[0]).toContain(message);
  });

  it('refuses a group without a name and one met twice', () => {
    expect(problems('groups:\n- name: ""\n- name: b\n- name: b\n')).toEqual([
      'team.yml:2:3: Groupname must not be empty',
      'team.yml:4:3: groupname: "b" is repeated in the same file',
    ]);
  });

  it('refuses what is no YAML with its place, and reads an empty file as no groups', () => {
    expect(problems('groups: [')[0]).toMatch(/^team\.yml:1:\d+: /);
    expect(problems('groups:\n- name: a\n  name: b\n')[0]).toMatch(/^team\.yml:3:3: .*unique/);
    expect(parseRuleFile('a', '')).toEqual({ groups: [], problems: [] });
    expect(problems('- a\n- b\n')).toEqual(['team.yml:1:1: rulefmt.RuleGroups must be a mapping']);
  });

  it('follows anchors and merge keys', () => {
    const { groups, problems: none } = parseRuleFile(
      'a.yml',
      group(
        '  - alert: A\n    expr: &expr up == 0\n    labels: &base {team: x, severity: info}\n' +
          '  - alert: B\n    expr: *expr\n    labels: {<<: *base, severity: critical}\n',
      ),
    );
    expect(none).toEqual([]);
    expect(groups[0]?.rules[1]).toMatchObject({
      text: 'up == 0',
      labels: { team: 'x', severity: 'critical' },
    });
    const bomb = Array.from(
      { length: 12 },
      (_element, i) => `a${i}: &a${i} [${`*a${i - 1}, `.repeat(i === 0 ? 0 : 9)}1]`,
    );
    expect(problems(bomb.join('\n'))).toHaveLength(1);
  });

  it('finds every problem, not only the first', () => {
    expect(problems(group('  - alert: A\n  - {record: b, expr: "("}\n'))).toHaveLength(2);
  });

  it('takes any text without crashing', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => Array.isArray(problems(text))));
  });
});
