import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeStaleMarker } from '@plimsoll/proto';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Runtime } from '../runtime.ts';
import { openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';
import { histogramText, seededHistogram } from '../telemetry/testing/seeded-histogram.ts';
import { copyTelemetry } from './copy-telemetry.ts';
import { exportTelemetry } from './export-telemetry.ts';

const NOW_MS = 1_800_000_000_000;
const SECOND_MS = 1000;
const SIZE = 300;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-directory-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const runtime = (): Runtime => ({
  now: () => NOW_MS,
  log: pino({ level: 'silent' }),
  metrics: new Registry(),
});
const open = (name: string) =>
  openEmbeddedStore({ path: path.join(directory, name, 'telemetry'), runtime: runtime() });
const signal = new AbortController().signal;

/** Histograms, numbers, stale markers and start timestamps in one series, and numbers in another. */
async function fill(): Promise<void> {
  await using store = await open('from');
  const [mixed = 0, numbers = 0] = store.internSeries([
    Labels.of({ __name__: 'mixed' }),
    Labels.of({ __name__: 'numbers' }),
  ]);
  const values = Float64Array.from({ length: 2 * SIZE }, (_, i) => i / 7);
  for (let i = 5; i < SIZE; i += 50) writeStaleMarker(values, i);
  const startMs = NOW_MS - SIZE * SECOND_MS;
  await store.appendSamples({
    refs: new Uint32Array(2 * SIZE).fill(mixed, 0, SIZE).fill(numbers, SIZE),
    timestampsMs: Float64Array.from(values, (_, i) => startMs + (i % SIZE) * SECOND_MS),
    values,
    histograms: Array.from({ length: SIZE }, (_, i) => (i % 50 < 10 ? undefined : seededHistogram(i))),
    startTimestampsMs: Float64Array.from(values, (_, i) => (i % 3 === 0 ? startMs - i : 0)),
  }).durable;
  await store.compact();
}

async function contentOf(name: string): Promise<unknown[]> {
  await using store = await open(name);
  const found = await store.select({ matchers: [], startMs: 0, endMs: NOW_MS });
  return found.flatMap(({ labels, timestamps, values, histograms, startTimestamps }) => {
    const bits = new BigUint64Array(values.slice().buffer);
    return Array.from(timestamps, (timestampMs, i) => {
      const histogram = histograms?.[i];
      return [
        labels.toString(),
        timestampMs,
        histogram === undefined ? bits[i] : histogramText(histogram),
        startTimestamps?.[i] ?? 0,
      ];
    });
  });
}

const address = (name: string) => ({
  address: path.join(directory, name),
  token: null,
  tokenFlag: '--from.token-file',
});
const range = { matches: [], startMs: null, endMs: NOW_MS, runtime, onStep: () => undefined };

function copy(matches: readonly string[] = []) {
  return copyTelemetry(
    {
      ...range,
      matches,
      from: address('from'),
      to: address('to'),
      written: { start: '', end: '' },
      stateFile: path.join(directory, 'state.json'),
      verify: true,
      limits: {
        retentionTimeMs: 1e10,
        retentionSizeBytes: 1e10,
        freeSpaceReserveBytes: 0,
        maxSeries: 100,
      },
    },
    signal,
  );
}

it('copies native histograms, stale markers and start timestamps from directory to directory', async () => {
  await fill();
  expect(await copy()).toMatchObject({
    progress: { samplesRead: 2 * SIZE, samplesWritten: 2 * SIZE },
    verification: { samplesMissing: 0, samplesDifferent: 0, samplesWithOtherStart: 0 },
    remarks: [],
  });
  expect(await contentOf('to')).toEqual(await contentOf('from'));
  expect(await copy()).toMatchObject({ progress: { samplesWritten: 0, samplesPresent: 2 * SIZE } });
});

it.each(['openmetrics', 'parquet'] as const)('says what a file of %s leaves out', async (format) => {
  await fill();
  const file = path.join(directory, 'file');
  const wanted = { ...range, from: address('from'), format, file, overwrite: false };
  const report = await exportTelemetry(wanted, signal);
  expect(report).toMatchObject({
    nothingFound: null,
    samples: SIZE + 54,
    series: 2,
    staleMarkers: 6,
    histograms: 240,
  });
  expect(report.remarks).toEqual([
    expect.stringContaining('240 native histograms were left out'),
    expect.stringContaining('the start timestamps of'),
  ]);
  expect((await readFile(file)).length).toBeGreaterThan(1000);
  await writeFile(`${file}.partial`, 'begun');
  await expect(exportTelemetry(wanted, signal)).rejects.toMatchObject({
    code: 'already_exists',
    message: expect.stringContaining('is there already: name another file'),
  });
  const again = await exportTelemetry({ ...wanted, overwrite: true }, signal);
  expect(again.remarks[0]).toMatch(/an earlier export to .* was interrupted: this one started anew/);
});

it('says what there is where nothing was found, and leaves a file alone where an export fails', async () => {
  await fill();
  const words = expect.stringMatching(
    /has no samples of nobody or \{a="b"\} from .*; what it has is from about 2027-01-15T0\S+ to 2027-01-15T0\S+$/,
  );
  const matches = ['nobody', '{a="b"}'];
  expect(await copy(matches)).toMatchObject({ nothingFound: words });
  const file = path.join(directory, 'file');
  const wanted = { ...range, from: address('from'), format: 'openmetrics', file, overwrite: true } as const;
  expect(await exportTelemetry({ ...wanted, matches }, signal)).toMatchObject({ nothingFound: words });
  expect(await readFile(file, 'utf8')).toBe('# EOF\n');
  await expect(exportTelemetry(wanted, AbortSignal.abort())).rejects.toThrow('aborted');
  expect(await readdir(directory)).toEqual(['file', 'from', 'to']);
  expect(await readFile(file, 'utf8')).toBe('# EOF\n');
  const elsewhere = { ...wanted, file: path.join(directory, 'none', 'file') };
  await expect(exportTelemetry(elsewhere, signal)).rejects.toMatchObject({
    message: expect.stringContaining('make it first'),
  });
});
