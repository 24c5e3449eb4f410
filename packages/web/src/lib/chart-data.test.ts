import { describe, expect, it } from 'vitest';
import { parseSample } from '../api/prometheus.ts';
import { alignSeries, figuresOf, lonely, summarise, valueAt } from './chart-data.ts';

const range = (timestamps: number[], values: number[]) => ({ labels: {}, timestamps, values });

describe('alignSeries', () => {
  it('leaves a gap where a step has no sample or no number', () => {
    const data = alignSeries(
      [{ label: 'a', range: range([100, 120, 130], [1, Number.NaN, 4]) }],
      100,
      140,
      10,
    );
    expect(data.times).toEqual([100, 110, 120, 130, 140]);
    expect(data.series[0]?.values).toEqual([1, null, null, 4, null]);
  });

  it('drops samples outside the window', () => {
    const data = alignSeries([{ label: 'a', range: range([90, 100, 150], [1, 2, 3]) }], 100, 120, 10);
    expect(data.series[0]?.values).toEqual([2, null, null]);
  });
});

describe('lonely', () => {
  it('finds the samples no line reaches', () => {
    expect(lonely([1, null, 2, 3, null, 4])).toEqual([0, 5]);
    expect(lonely([null, 7, undefined, null])).toEqual([1]);
    expect(lonely([1, 2])).toEqual([]);
  });
});

describe('summaries', () => {
  it('tells the last, the least and the greatest', () => {
    const data = alignSeries([{ label: 'user', range: range([0, 10, 20], [0.1, 0.5, 0.2]) }], 0, 20, 10);
    expect(summarise(data, 'ratio')).toBe('user: 20.0 % last, between 10.0 % and 50.0 %.');
  });

  it('says plainly that there is nothing', () => {
    expect(summarise({ times: [0], series: [] }, 'count')).toBe('No samples in this time range.');
  });

  it('counts gaps and finds values at the cursor', () => {
    expect(figuresOf([null, 3, null])).toEqual({ last: 3, min: 3, max: 3, gaps: 2 });
    const series = { label: 'a', values: [1, null, 5] };
    expect([0, 1, null].map((index) => valueAt(series, index, 'count'))).toEqual(['1', '–', '5']);
  });
});

describe('parseSample', () => {
  it('reads what JSON has no numbers for', () => {
    expect([parseSample('+Inf'), parseSample('-Inf'), parseSample('NaN'), parseSample('1e3')]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      1000,
    ]);
  });
});
