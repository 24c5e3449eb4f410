import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FloatHistogram, Labels, type SeriesColumns } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';
import { openDirectorySource } from './directory-endpoint.ts';

const NOW_MS = 1_800_000_000_000;

it('leaves native histograms of a directory out, and says so', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-source-'));
  await using _ = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
  const runtime = { now: () => NOW_MS, log: pino({ level: 'silent' }), metrics: new Registry() };
  {
    await using store = await openEmbeddedStore({ path: path.join(directory, 'telemetry'), runtime });
    const [mixed = 0, only = 0] = store.internSeries([
      Labels.of({ __name__: 'mixed' }),
      Labels.of({ __name__: 'only' }),
    ]);
    const histogram = new FloatHistogram({ count: 2, sum: 3 });
    await store.appendSamples({
      refs: Uint32Array.of(mixed, mixed, only),
      timestampsMs: Float64Array.of(NOW_MS - 1, NOW_MS, NOW_MS),
      values: Float64Array.of(0, 5, 0),
      histograms: [histogram, undefined, histogram],
    }).durable;
  }
  await using source = await openDirectorySource(directory, { ...runtime, metrics: new Registry() });
  const range = { selectors: [[]], startMs: 0, endMs: NOW_MS };
  const read: SeriesColumns[] = [];
  for await (const batch of source.read(range, new AbortController().signal)) read.push(...batch);
  expect(read).toEqual([
    {
      labels: Labels.of({ __name__: 'mixed' }),
      timestamps: Float64Array.of(NOW_MS),
      values: Float64Array.of(5),
    },
  ]);
  expect(source.remarks()).toEqual([expect.stringContaining('native histograms of')]);
});
