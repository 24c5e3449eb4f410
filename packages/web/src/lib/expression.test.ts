import { describe, expect, it } from 'vitest';
import { isSilence, splitComparison } from './expression.ts';

describe('splitComparison', () => {
  it.each([
    ['queue_length > 10', 'queue_length', '>', 10],
    ['(1 - a{x="> 5"} / b) * 100 >= 9.5e1', '(1 - a{x="> 5"} / b) * 100', '>=', 95],
    ['((node_load1 < bool 2))', 'node_load1', '<', 2],
    ['up == 0', 'up', '==', 0],
    ["a{b=~'x(y'} != -1", "a{b=~'x(y'}", '!=', -1],
    ['max_over_time((a > 3)[5m:1m]) > 2', 'max_over_time((a > 3)[5m:1m])', '>', 2],
    ['a # b > 3\n> 2', 'a # b > 3', '>', 2],
  ])('takes %s apart', (expression, measured, operator, threshold) => {
    expect(splitComparison(expression)).toEqual({ measured, operator, threshold });
  });

  it.each(['a > 1 and b > 2', 'a > b', 'a unless b', 'up', 'a > 1 < 5', 'a{b="unended > 3', ''])(
    'leaves %s whole',
    (expression) => {
      expect(splitComparison(expression)).toBeNull();
    },
  );

  it('is not misled by names that begin like operators', () => {
    expect(splitComparison('order_total > 3')?.measured).toBe('order_total');
    expect(splitComparison('and_more > 3')?.measured).toBe('and_more');
  });
});

describe('isSilence', () => {
  it.each(['up == 0', 'up{job="node", env="} x"} == 0', '(up < 1)', 'up != 1'])(
    'sees it in %s',
    (expression) => {
      expect(isSilence(expression)).toBe(true);
    },
  );

  it.each(['up == 1', 'up > 0', 'uptime == 0', 'sum(up) == 0', 'up == 0 and x', 'up{a="b"} offset 5m == 0'])(
    'does not see it in %s',
    (expression) => {
      expect(isSilence(expression)).toBe(false);
    },
  );
});
