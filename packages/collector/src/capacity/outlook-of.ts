import { growthForecast, timeToFull } from '@plimsoll/forecast';
import { type FilesystemHistory, HOUR_MS } from './filesystem-history.ts';
import type { FilesystemForecast, FilesystemOutlook } from './filesystem-outlook.ts';
import { LIMITS } from './limits.ts';
import type { FilesystemReading } from './read-filesystems.ts';

const DAY_MS = 86_400_000;
const STEP_SECONDS = HOUR_MS / 1000;

/** What is known of one filesystem of one host. */
export interface WatchedFilesystem extends Omit<FilesystemReading, 'hours'> {
  readonly instance: string;
  readonly history: FilesystemHistory;
}

/** When a filesystem will be full, in the API's words. */
export function outlookOf({
  instance,
  device,
  mountpoint,
  fstype,
  latest,
  history,
}: WatchedFilesystem): FilesystemOutlook {
  const values = history.maxima();
  const result = timeToFull({ values, stepSeconds: STEP_SECONDS, capacity: 1 });
  const { q10Days, q50Days, q90Days, outlook, explanation, p7, modelError } = result;
  const at = (days: number | null): string | null =>
    days === null ? null : new Date(latest.atMs + days * DAY_MS).toISOString();
  return {
    instance,
    device,
    mountpoint,
    fstype,
    sizeBytes: latest.sizeBytes,
    usedBytes: latest.usedBytes,
    utilisation: latest.utilisation,
    historyDays: values.length === 0 ? 0 : (latest.atMs - history.startMs) / DAY_MS,
    outlook,
    explanation,
    q10Days,
    q50Days,
    q90Days,
    fullAt: { earliest: at(q10Days), likely: at(q50Days), latest: at(q90Days) },
    p7,
    modelError,
  };
}

/** A filesystem's past by the hour and its future by the day, bounded by what a disk can hold. */
export function forecastOf({ history, latest }: WatchedFilesystem): FilesystemForecast {
  const means = history.means();
  const path = growthForecast(
    { values: history.maxima(), stepSeconds: STEP_SECONDS, capacity: 1 },
    LIMITS.forecastDays,
  );
  const startSeconds = history.startMs / 1000;
  return {
    history: {
      timestamps: Array.from(means, (_, i) => startSeconds + i * STEP_SECONDS),
      values: Array.from(means, (value) => (Number.isNaN(value) ? null : value)),
    },
    forecast:
      path === null
        ? null
        : {
            timestamps: Array.from(
              path.mean,
              (_, i) => Math.round(latest.atMs / 1000) + (i + 1) * path.stepSeconds,
            ),
            mean: fractions(path.mean),
            lo80: fractions(path.lo80),
            hi80: fractions(path.hi80),
            lo95: fractions(path.lo95),
            hi95: fractions(path.hi95),
          },
    capacity: 1,
  };
}

function fractions(values: Float64Array): number[] {
  return Array.from(values, (value) => Math.min(1, Math.max(0, value)));
}
