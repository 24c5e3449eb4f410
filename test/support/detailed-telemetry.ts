import path from 'node:path';
import { isStaleMarker, writeStaleMarker } from '@plimsoll/proto';
import { Labels } from '@plimsoll/promql';
import { newRuntime } from '../../packages/cli/src/storage-runtime.ts';
import { openEmbeddedStore } from '../../packages/collector/src/telemetry/embedded/open-embedded-store.ts';
import {
  histogramText,
  seededHistogram,
} from '../../packages/collector/src/telemetry/testing/seeded-histogram.ts';

const COUNT = 300;
const STEP_MS = 15_000;

/** Series and the seeds of their histograms: none for numbers. */
const SERIES = { exponential: 4, custom: 3, fractional: 5, gauge: 7, numbers: 0, mixed: 8 } as const;

/**
 * Fills a store below a storage path with native histograms that grow and are reset, numbers, stale markers and start
 * timestamps of the last hour and a half; answers how many samples that are.
 */
export async function fillDetailed(storagePath: string): Promise<number> {
  const startMs = Date.now() - (COUNT + 10) * STEP_MS;
  await using store = await openAt(storagePath);
  const kinds = Object.entries(SERIES);
  const refs = store.internSeries(kinds.map(([__name__]) => Labels.of({ __name__, copied: 'yes' })));
  const rows = kinds.flatMap(([name, seed], series) =>
    Array.from({ length: COUNT }, (_, i) => ({
      ref: refs[series] ?? 0,
      i,
      // Some series have both.
      histogram: seed === 0 || (name === 'mixed' && i % 30 < 10) ? undefined : seededHistogram(seed),
    })),
  );
  const values = Float64Array.from(rows, ({ i }) => i / 7);
  for (let at = 50; at < rows.length; at += 100) writeStaleMarker(values, at);
  await store.appendSamples({
    refs: Uint32Array.from(rows, ({ ref }) => ref),
    timestampsMs: Float64Array.from(rows, ({ i }) => startMs + i * STEP_MS),
    values,
    histograms: rows.map(({ histogram, i }, at) =>
      isStaleMarker(values[at] ?? 0) ? undefined : histogram?.multiply(1 + (i % 70)),
    ),
    startTimestampsMs: Float64Array.from(rows, ({ i }) => (i % 70 === 3 ? 0 : startMs - 60_000 - (i % 2))),
  }).durable;
  return rows.length;
}

/** Every sample of a store that no process has open, as text; without start timestamps where these are not asked for. */
export async function readDetailed(
  storagePath: string,
  { starts = true }: { readonly starts?: boolean } = {},
): Promise<readonly string[]> {
  await using store = await openAt(storagePath);
  const matchers = [{ name: 'copied', type: '=', value: 'yes' }] as const;
  const found = await store.select({ matchers, startMs: 0, endMs: Date.now() + STEP_MS });
  return found
    .flatMap(({ labels, timestamps, values, histograms, startTimestamps }) =>
      Array.from(timestamps, (at, i) => {
        const histogram = histograms?.[i];
        const number = isStaleMarker(values[i] ?? 0) ? 'stale' : values[i];
        // Servers add empty buckets, so that neighbours have the same.
        const value = histogram === undefined ? number : histogramText(histogram.compact());
        return `${labels.toString()} ${at} ${value} ${starts ? (startTimestamps?.[i] ?? 0) : ''}`;
      }),
    )
    .sort();
}

function openAt(storagePath: string) {
  return openEmbeddedStore({
    path: path.join(storagePath, 'telemetry'),
    runtime: newRuntime(),
    options: { outOfOrderWindowMs: Infinity, retentionTimeMs: Infinity },
  });
}
