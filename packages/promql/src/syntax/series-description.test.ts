import { describe, expect, it } from 'vitest';
import { PromqlParseError } from './position.ts';
import { parseSeriesDescription } from './series-description.ts';

function floats(text: string): unknown[] {
  return parseSeriesDescription(text).values.map((value) =>
    value.kind === 'float' ? value.value : value.kind,
  );
}

describe('parseSeriesDescription', () => {
  it('reads values, runs, gaps and stale markers', () => {
    expect(floats('x 1 -2.5 _ stale 1+2x3 5-1x2 7x1 _x2 NaN Inf')).toEqual([
      1,
      -2.5,
      'omitted',
      'stale',
      1,
      3,
      5,
      7,
      5,
      4,
      3,
      7,
      7,
      'omitted',
      'omitted',
      Number.NaN,
      Infinity,
    ]);
  });

  it('reads labels with any characters', () => {
    const { labels } = parseSeriesDescription(String.raw`up{a="} \" x", 'b c'="1"} 1`);
    expect(labels.toRecord()).toEqual({ __name__: 'up', a: '} " x', 'b c': '1' });
    expect(parseSeriesDescription('{} 1').labels.size).toBe(0);
  });

  it('reads histograms', () => {
    const { values } = parseSeriesDescription(
      'h {{schema:1 count:3 sum:4 buckets:[1 0 2] offset:-1}}+{{schema:1 count:1}}x1',
    );
    const last = values[1];
    if (last?.kind !== 'histogram') throw new Error('no histogram');
    expect(last.histogram.count).toBe(4);
    expect(last.histogram.positive.indexes).toEqual([-1, 0, 1]);
    expect(last.hintSet).toBe(false);
  });

  it.each(['x 1 foo', 'x {{count}}', 'x {{count:1 count:2}}', 'x{a=b} 1', 'x 1x9999999'])(
    'refuses %s',
    (text) => {
      expect(() => parseSeriesDescription(text)).toThrow(PromqlParseError);
    },
  );
});
