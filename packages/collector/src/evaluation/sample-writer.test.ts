import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isStaleMarker } from '@plimsoll/proto';
import { FloatHistogram, Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';
import { registerEvaluationMetrics } from './evaluation-metrics.ts';
import { SampleWriter } from './sample-writer.ts';

const NOW_MS = 1_800_000_000_000;

it('writes native histograms, floats and the ends of series', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-rules-'));
  await using _ = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
  const runtime = { now: () => NOW_MS, log: pino({ level: 'silent' }), metrics: new Registry() };
  await using store = await openEmbeddedStore({ path: directory, runtime });
  const writer = new SampleWriter(store, registerEvaluationMetrics(runtime.metrics), runtime);
  const histogram = new FloatHistogram({ count: 2, sum: 3 });
  const sample = (name: string) => ({
    labels: Labels.of({ __name__: name }),
    timestampMs: NOW_MS,
    value: 1,
  });
  const problem = writer.write([{ ...sample('h'), histogram }, sample('f')], [{ ...sample('s'), histogram }]);
  expect(problem).toBeNull();
  const found = await store.select({ matchers: [], startMs: 0, endMs: NOW_MS });
  const seen = Object.fromEntries(found.map((series) => [series.labels.name, series]));
  expect(seen['h']?.histograms?.[0]?.toString()).toBe(histogram.toString());
  expect([seen['f']?.values[0], seen['f']?.histograms]).toEqual([1, undefined]);
  expect([isStaleMarker(seen['s']?.values[0] ?? 0), seen['s']?.histograms]).toEqual([true, undefined]);
});
