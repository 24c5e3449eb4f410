import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The competition's horizon and season for hourly series. */
export const HORIZON = 48;
export const SEASON = 24;

export interface M4Case {
  readonly history: Float64Array;
  readonly future: Float64Array;
}

const folder = path.resolve(import.meta.dirname, '../../../../shared/data/m4-hourly');

export const m4Present = existsSync(folder);

/** The published split: 414 series and their next 48 hours. */
export function m4TestCases(): M4Case[] {
  const futures = readSeries('Hourly-test.csv.gz');
  return readSeries('Hourly-train.csv.gz').map((history, i) => ({
    history,
    future: futures[i] ?? new Float64Array(),
  }));
}

/** A split inside the training data: its last windows, counted back from 0. Everything was chosen on these. */
export function m4TrainingCases(window: number): M4Case[] {
  return readSeries('Hourly-train.csv.gz').map((series) => {
    const end = series.length - HORIZON * window;
    return { history: series.slice(0, end - HORIZON), future: series.slice(end - HORIZON, end) };
  });
}

function readSeries(file: string): Float64Array[] {
  const rows = gunzipSync(readFileSync(path.join(folder, file)))
    .toString()
    .trim()
    .split('\n')
    .slice(1);
  return rows.map((row) =>
    Float64Array.from(
      row
        .split(',')
        .slice(1)
        .map((cell) => cell.replaceAll('"', '').trim())
        .filter((cell) => cell !== '' && cell !== 'NA')
        .map(Number),
    ),
  );
}
