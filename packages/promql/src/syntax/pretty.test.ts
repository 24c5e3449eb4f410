import { describe, expect, it } from 'vitest';
import { parseExpression } from './parser.ts';
import { prettyExpression } from './pretty.ts';

const LONG = 'a_metric_with_quite_a_long_name{and="more",of="them",with="labels",x="0123456789"}';

describe('prettyExpression', () => {
  it('leaves short expressions on one line', () => {
    expect(prettyExpression(parseExpression('sum by(a)(rate(x[5m]))'))).toBe('sum by (a) (rate(x[5m]))');
  });

  it('splits what is too long, each part by its depth', () => {
    const text = `sum by (host) (rate(${LONG}[5m])) / on(host) group_left -(count(${LONG}))`;
    const pretty = prettyExpression(parseExpression(text));
    expect(pretty.split('\n')).toEqual([
      `  sum by (host) (`,
      `    rate(${LONG}[5m])`,
      `  )`,
      `/ on (host) group_left ()`,
      `  -(count(${LONG}))`,
    ]);
  });

  it('means the same as before', () => {
    const text = `topk(3, (${LONG} + ${LONG})) or label_replace(${LONG}, "a", "b", "c", "d") > bool max_over_time(sum(${LONG} * ${LONG})[5m:1m])`;
    const parsed = parseExpression(text);
    const again = parseExpression(prettyExpression(parsed));
    expect(prettyExpression(again)).toBe(prettyExpression(parsed));
  });
});
