import { describe, expect, it } from 'vitest';
import { forecastChart, shortHistoryStart } from './forecast-data.ts';

const history = { timestamps: [0, 10, 20], values: [0.1, null, 0.3] };

describe('forecastChart', () => {
  it('opens the band at the last known value', () => {
    const { data } = forecastChart(
      {
        history,
        capacity: 1,
        forecast: {
          timestamps: [30, 40],
          mean: [0.4, 0.5],
          lo80: [0.3, 0.3],
          hi80: [0.5, 0.7],
          lo95: [0, 0],
          hi95: [1, 1],
        },
      },
      0.35,
    );
    expect(data.times).toEqual([0, 10, 20, 30, 40]);
    expect(data.series.find(({ label }) => label === 'Forecast')?.values).toEqual([
      null,
      null,
      0.35,
      0.4,
      0.5,
    ]);
    expect(data.series[0]?.values).toEqual([0.1, null, 0.35, null, null]);
    expect(new Set(data.series.map(({ values }) => values.length))).toEqual(new Set([5]));
  });

  it('shows the history alone where there is no forecast', () => {
    const { data, style } = forecastChart({ history, capacity: 1, forecast: null }, null);
    expect(data.series.map(({ values }) => values)).toEqual([[0.1, null, 0.3]]);
    expect(style.bands).toBeUndefined();
  });
});

const answer = (values: (number | null)[]) => ({
  history: { timestamps: values.map((_, hour) => hour * 3600), values },
  forecast: null,
  capacity: 1,
});

describe('shortHistoryStart', () => {
  it('is the first sample while there is one hour, and null once there is a line', () => {
    expect(shortHistoryStart(answer([0.1]), 1700)).toBe(1700);
    expect(shortHistoryStart(answer([null, 0.1]), 1700)).toBe(3600);
    expect(shortHistoryStart(answer([0.1]), null)).toBe(0);
    expect(shortHistoryStart(answer([0.1, 0.2]), 1700)).toBeNull();
    expect(shortHistoryStart(answer([]), 1700)).toBeNull();
  });
});
