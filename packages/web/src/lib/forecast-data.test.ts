import { describe, expect, it } from 'vitest';
import { forecastChart } from './forecast-data.ts';

const history = { timestamps: [0, 10, 20], values: [0.1, null, 0.3] };

describe('forecastChart', () => {
  it('opens the band at the last known value', () => {
    const { data } = forecastChart({
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
    });
    expect(data.times).toEqual([0, 10, 20, 30, 40]);
    expect(data.series.find(({ label }) => label === 'Forecast')?.values).toEqual([
      null,
      null,
      0.3,
      0.4,
      0.5,
    ]);
    expect(data.series[0]?.values).toEqual([0.1, null, 0.3, null, null]);
    expect(new Set(data.series.map(({ values }) => values.length))).toEqual(new Set([5]));
  });

  it('shows the history alone where there is no forecast', () => {
    const { data, style } = forecastChart({ history, capacity: 1, forecast: null });
    expect(data.series).toHaveLength(1);
    expect(style.bands).toBeUndefined();
  });
});
