import { Labels, parseExpression } from '@plimsoll/promql';
import { writeNoSample, writeStaleMarker } from '@plimsoll/proto';
import { describe, expect, it } from 'vitest';
import { compileCondition } from './compile-condition.ts';

const series = ['avail', 'size', 'readonly'].flatMap((name) =>
  ['/', '/var'].map((mountpoint) => Labels.of({ __name__: name, instance: 'a', mountpoint })),
);
const slots = [...series, Labels.of({ __name__: 'offset', instance: 'a' }), undefined];

/** avail /, avail /var, size /, size /var, readonly /, readonly /var, offset, refused */
function frame(...values: number[]): Float64Array {
  return Float64Array.from({ length: slots.length }, (_element, i) => values[i] ?? 0);
}

function evaluate(text: string, values: Float64Array): string[] | undefined {
  return compileCondition(parseExpression(text), slots)?.flatMap(({ labels, read }) => {
    const value = read(values);
    return value === undefined ? [] : [`${labels.toString()} ${value}`];
  });
}

describe('compileCondition', () => {
  it('computes thresholds of arithmetic on series with the same labels', () => {
    const full = evaluate('avail / size < 0.1 and readonly == 0', frame(5, 50, 100, 100, 0, 0));
    expect(full).toEqual(['{instance="a", mountpoint="/"} 0.05']);
    expect(evaluate('avail / size < 0.1 and readonly == 0', frame(5, 5, 100, 100, 1, 0))).toEqual([
      '{instance="a", mountpoint="/var"} 0.05',
    ]);
  });

  it.each([
    ['avail > 4', ['{instance="a", mountpoint="/"} 5']],
    ['4 < avail', ['{instance="a", mountpoint="/"} 5']],
    ['avail{mountpoint=~"/v.+"} >= bool 4', ['{instance="a", mountpoint="/var"} 0']],
    ['abs(offset) > 2', ['{instance="a"} 3']],
    ['-offset == 3', ['{instance="a"} 3']],
    ['avail unless readonly == 1', ['{instance="a", mountpoint="/"} 5']],
    ['avail - on (mountpoint) size == -5', ['{mountpoint="/"} -5']],
    ['(avail + 1) * 2 > 10', ['{instance="a", mountpoint="/"} 12']],
    ['sum by (instance) (avail) > 6', ['{instance="a"} 7']],
    ['min without (mountpoint) (avail) > 1', ['{instance="a"} 2']],
    ['max by (instance) (missing) > 1', []],
    ['missing > 1', []],
  ])('%s', (text, expected) => {
    expect(evaluate(text, frame(5, 2, 10, 10, 0, 1, -3))).toEqual(expected);
  });

  it('has no element where the frame has no sample', () => {
    const values = frame(5, 5, 10, 10);
    writeNoSample(values, 0);
    writeStaleMarker(values, 3);
    expect(evaluate('avail > 1', values)).toEqual(['{instance="a", mountpoint="/var"} 5']);
    expect(evaluate('avail / size < 1', values)).toEqual([]);
  });

  it('compares NaN as PromQL does', () => {
    expect(evaluate('avail / size < 1', frame(0, 5, 0, 10))).toEqual([
      '{instance="a", mountpoint="/var"} 0.5',
    ]);
    expect(evaluate('offset != 1', frame(0, 0, 0, 0, 0, 0, NaN))).toEqual(['{instance="a"} NaN']);
  });

  it.each([
    'rate(avail[5m]) > 1',
    'avail offset 5m > 1',
    'avail @ 100 > 1',
    'stddev by (instance) (avail) > 1',
    'avg by (instance) (rate(avail[5m])) > 1',
    'avail / on (instance) size > 1',
    'avail * on (mountpoint) group_left () size > 1',
    'avail > 1 or size > 1',
    'avail ^ 2 > 1',
    'ceil(avail) > 1',
  ])('leaves %s to the engine', (text) => {
    expect(evaluate(text, frame())).toBeUndefined();
  });
});
