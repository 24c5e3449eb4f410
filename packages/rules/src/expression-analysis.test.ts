import { parseExpression } from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';
import { isHostScoped } from './host-scope.ts';
import { thresholdOf } from './threshold.ts';

describe('thresholdOf', () => {
  it.each([
    ['up == 0', 0],
    ['free / size < 0.1', 0.1],
    ['0.9 < used', 0.9],
    ['predict_linear(free[6h], 4 * 3600) < -1', -1],
    ['(rate(errors[5m]) > 2 * 60)', 120],
    ['a > 3 and b == 0', 3],
    ['(a / b > 0.8) and b > 0', 0.8],
    ['a > 1 or b > 1', 1],
    ['a > 1 or b > 2', null],
    ['temperature > limit', null],
    ['rate(errors[5m])', null],
    ['1', null],
  ])('%s: %s', (text, expected) => {
    expect(thresholdOf(parseExpression(text))).toBe(expected);
  });
});

describe('isHostScoped', () => {
  it.each([
    'up == 0',
    '1 - avg without (cpu, mode) (rate(cpu_seconds_total[5m])) > 0.9',
    'sum by (instance, device) (rate(errors[1m])) > 3',
    'a / on (instance, device) b',
    'a / ignoring (state) b',
    'a and on (instance) b == 1',
    'topk by (instance) (3, used)',
    'label_replace(a, "disk", "$1", "device", "(.*)")',
    'max_over_time(rate(a[1m])[10m:1m])',
    'node_time_seconds - node_boot_time_seconds < 600',
    'time() - boot < 600',
    'histogram_quantile(0.9, rate(latency_bucket[5m]))',
  ])('%s', (text) => {
    expect(isHostScoped(parseExpression(text))).toBe(true);
  });

  it.each([
    'sum(rate(errors[1m])) > 3',
    'avg by (job) (used)',
    'sum without (instance) (used)',
    'a / on (device) b',
    'a / ignoring (instance) b',
    'a > scalar(b)',
    'absent(up)',
    'topk(3, used)',
    'count_values("instance", a)',
    'label_replace(a, "instance", "x", "", "")',
    'a or vector(0)',
    'quantile by (instance) (scalar(a), b)',
    '1',
    'time() > bool 5',
  ])('not %s', (text) => {
    expect(isHostScoped(parseExpression(text))).toBe(false);
  });
});
