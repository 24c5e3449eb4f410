import { type Expression, formatExpression, Labels } from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';
import type { ResultSample, RuleSample } from './evaluate-rule.ts';
import { parseRuleFile } from './parse-rule-file.ts';
import { RuleGroupRunner } from './rule-group-runner.ts';

type Answers = Record<string, readonly ResultSample[] | Error>;

/** A runner whose queries are answered from a table, and all that it wrote as `labels @time value`. */
function start(yaml: string, options: { restored?: boolean } = {}) {
  const { groups, problems } = parseRuleFile('f.yml', `groups:\n- name: g\n${yaml}`);
  expect(problems).toEqual([]);
  const [group] = groups;
  if (!group) throw new Error('no group');
  const answers: Answers = {};
  const written: string[] = [];
  const write =
    (kind: string) =>
    ({ labels, timestampMs, value }: RuleSample): void =>
      void written.push(`${labels.toString()} @${timestampMs / 1000} ${kind === '' ? value : kind}`);
  const runner = new RuleGroupRunner(group, {
    query: () => async (expression: Expression | string) => {
      const answer =
        answers[typeof expression === 'string' ? expression : formatExpression(expression)] ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    append: (samples, stale) => {
      samples.forEach(write(''));
      stale.forEach(write('stale'));
      return null;
    },
    now: () => 0,
    externalLabels: {},
    externalUrl: 'http://x/',
  });
  if (options.restored ?? true) for (const rule of runner.unrestored) runner.restore(rule, new Map());
  const tick = async (seconds: number): Promise<string[]> => {
    await runner.evaluate(seconds * 1000);
    return written.splice(0);
  };
  return { runner, answers, tick, written };
}

const sample = (labels: Record<string, string>, value: number): ResultSample => ({
  labels: Labels.of(labels),
  value,
});

describe('RuleGroupRunner', () => {
  it('records under the name of the rule and marks series that end', async () => {
    const { answers, tick } = start('  rules: [{record: a:b, expr: b, labels: {team: x}}]\n');
    answers['b'] = [sample({ __name__: 'b', host: '1' }, 3), sample({ __name__: 'b', host: '2' }, 4)];
    expect(await tick(10)).toEqual(['a:b{host="1", team="x"} @10 3', 'a:b{host="2", team="x"} @10 4']);
    answers['b'] = [sample({ host: '2' }, 5)];
    expect(await tick(20)).toEqual(['a:b{host="2", team="x"} @20 5', 'a:b{host="1", team="x"} @20 stale']);
    expect(await tick(30)).toEqual(['a:b{host="2", team="x"} @30 5']);
  });

  it('writes in the past by the query offset', async () => {
    const { answers, tick } = start('  query_offset: 5s\n  rules: [{record: a, expr: b}]\n');
    answers['b'] = [sample({}, 1)];
    expect(await tick(10)).toEqual(['a @5 1']);
  });

  it('writes ALERTS by state and ALERTS_FOR_STATE, and ends them', async () => {
    const { answers, tick } = start(
      '  rules: [{alert: Hot, expr: t > 9, for: 10s, labels: {severity: info}}]\n',
    );
    answers['t > 9'] = [sample({ __name__: 't', host: '1' }, 12)];
    expect(await tick(10)).toEqual([
      'ALERTS{alertname="Hot", alertstate="pending", host="1", severity="info"} @10 1',
      'ALERTS_FOR_STATE{alertname="Hot", host="1", severity="info"} @10 10',
    ]);
    expect(await tick(20)).toEqual([
      'ALERTS{alertname="Hot", alertstate="firing", host="1", severity="info"} @20 1',
      'ALERTS_FOR_STATE{alertname="Hot", host="1", severity="info"} @20 10',
      'ALERTS{alertname="Hot", alertstate="pending", host="1", severity="info"} @20 stale',
    ]);
    answers['t > 9'] = [];
    expect(await tick(30)).toEqual([
      'ALERTS{alertname="Hot", alertstate="firing", host="1", severity="info"} @30 stale',
      'ALERTS_FOR_STATE{alertname="Hot", host="1", severity="info"} @30 stale',
    ]);
  });

  it('writes no ALERTS before the stored ones were read', async () => {
    const { runner, answers, tick } = start('  rules: [{alert: Hot, expr: t}]\n', { restored: false });
    answers['t'] = [sample({ host: '1' }, 12)];
    expect(await tick(10)).toEqual([]);
    for (const rule of runner.unrestored) runner.restore(rule, rule.alerts);
    expect(await tick(20)).toHaveLength(2);
  });

  it('keeps the failure of a rule to itself and marks nothing stale for it', async () => {
    const { runner, answers, tick } = start('  rules: [{record: a, expr: x}, {record: b, expr: y}]\n');
    answers['x'] = [sample({}, 1)];
    answers['y'] = [sample({}, 2)];
    await tick(10);
    answers['x'] = new Error('no memory left');
    expect(await tick(20)).toEqual(['b @20 2']);
    expect(runner.rules.map(({ health, lastError }) => [health, lastError])).toEqual([
      ['err', 'no memory left'],
      ['ok', null],
    ]);
    answers['x'] = [];
    expect(await tick(30)).toContain('a @30 stale');
  });

  it('refuses results that collide and more than the limit, and then forgets the alerts', async () => {
    const { runner, answers, tick } = start(
      '  limit: 1\n  rules: [{alert: A, expr: x, for: 5s}, {record: b, expr: y}]\n',
    );
    answers['x'] = [sample({ h: '1' }, 1)];
    await tick(0);
    answers['x'] = [sample({ h: '1' }, 1), sample({ h: '2' }, 1)];
    answers['y'] = [sample({ __name__: 'y', h: '1' }, 1), sample({ __name__: 'z', h: '1' }, 1)];
    await tick(5);
    expect(runner.rules.map(({ lastError }) => lastError)).toEqual([
      'exceeded limit of 1 with 2 alerts',
      'vector contains metrics with the same labelset after applying rule labels',
    ]);
    expect(runner.rules[0]?.alerts.size).toBe(0);
  });

  it('expands templates of labels and annotations, an error among them as text', async () => {
    const rule = `{alert: A, expr: x, labels: {disk: "{{ $labels.dev }}"}, annotations: {ok: "{{ $value }}", bad: '{{ humanize "x" }}'}}`;
    const { runner, answers, tick } = start(`  rules: [${rule}]\n`);
    answers['x'] = [sample({ dev: 'sda' }, 2)];
    await tick(0);
    const [alert] = runner.rules[0]?.alerts.values() ?? [];
    expect(alert?.labels.toRecord()).toEqual({ alertname: 'A', dev: 'sda', disk: 'sda' });
    expect(alert?.annotations['ok']).toBe('2');
    expect(alert?.annotations['bad']).toMatch(
      /^<error expanding template: error executing template __alert_A: /,
    );
  });

  it('carries state over a reload by name and labels, and ends what went away', async () => {
    const before = start('  rules: [{alert: A, expr: x}, {record: b, expr: y}]\n');
    before.answers['x'] = [sample({ h: '1' }, 1)];
    before.answers['y'] = [sample({}, 1)];
    await before.tick(0);
    const after = start('  rules: [{alert: A, expr: x, for: 1m}]\n');
    after.answers['x'] = [sample({ h: '1' }, 1)];
    after.runner.inherit(before.runner);
    const wrote = await after.tick(10);
    expect(wrote).toContain('b @10 stale');
    expect(wrote).toContain('ALERTS{alertname="A", alertstate="firing", h="1"} @10 1');
    after.runner.end(20_000);
    expect(after.written).toHaveLength(2);
  });
});
