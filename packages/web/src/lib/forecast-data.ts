import type { FilesystemForecast } from '../api/types.ts';
import type { ChartData } from './chart-data.ts';
import type { ChartStyle } from '../components/chart-options.ts';

export interface ForecastChart {
  readonly data: ChartData;
  readonly style: ChartStyle;
}

/**
 * History and forecast on one time axis. Series: history, mean, then the edges of the 80 % and the 95 % interval; the
 * forecast begins at the last known value, so that its band opens from there. The last hour is not over: instead of its
 * mean so far it shows the utilisation now (0..1), which the tables show as well.
 */
export function forecastChart(answer: FilesystemForecast, utilisation: number | null): ForecastChart {
  const { forecast, capacity } = answer;
  const history = upToNow(answer.history, utilisation);
  const threshold = { value: capacity, label: 'full' };
  if (!forecast) {
    return {
      data: { times: history.timestamps, series: [{ label: 'In use', values: history.values }] },
      style: { atLeast: 1, threshold, height: forecastHeight },
    };
  }
  const past = history.timestamps.length;
  const lastKnown = history.values.findLast((value) => value !== null) ?? null;
  const ahead = (values: readonly number[]) => [
    ...Array.from<null>({ length: Math.max(0, past - 1) }).fill(null),
    ...(past > 0 ? [lastKnown] : []),
    ...values,
  ];
  const nothingAhead = Array.from<null>({ length: forecast.timestamps.length }).fill(null);
  return {
    data: {
      times: [...history.timestamps, ...forecast.timestamps],
      series: [
        { label: 'In use', values: [...history.values, ...nothingAhead] },
        { label: 'Forecast', values: ahead(forecast.mean) },
        { label: '80 % interval, top', values: ahead(forecast.hi80) },
        { label: '80 % interval, bottom', values: ahead(forecast.lo80) },
        { label: '95 % interval, top', values: ahead(forecast.hi95) },
        { label: '95 % interval, bottom', values: ahead(forecast.lo95) },
      ],
    },
    style: {
      atLeast: 1,
      // More than full cannot be; a little above the line shows that the forecast crosses it.
      atMost: 1.1,
      threshold,
      height: forecastHeight,
      nowS: history.timestamps.at(-1),
      edges: [2, 3, 4, 5],
      dashed: [1],
      colours: [1, 2, 2, 2, 2, 2],
      bands: [
        { upper: 2, lower: 3, colour: 2, label: '80 % interval' },
        { upper: 4, lower: 5, colour: 2, label: '95 % interval' },
      ],
    },
  };
}

function upToNow(
  history: FilesystemForecast['history'],
  utilisation: number | null,
): FilesystemForecast['history'] {
  const { timestamps, values } = history;
  if (values.length === 0 || utilisation === null) return history;
  return { timestamps, values: [...values.slice(0, -1), utilisation] };
}

/**
 * When a history begins that is too short for a line, epoch seconds; null where a line can be drawn. An hour's value
 * bears the hour's start, so the store's oldest sample (epoch seconds, null when unknown) may say it better.
 */
export function shortHistoryStart(answer: FilesystemForecast, oldestS: number | null): number | null {
  const { timestamps, values } = answer.history;
  const first = values.findIndex((value) => value !== null);
  if (answer.forecast || first === -1 || values.findLastIndex((value) => value !== null) > first) return null;
  return Math.max(timestamps[first] ?? 0, oldestS ?? 0);
}

const forecastHeight = 260;
