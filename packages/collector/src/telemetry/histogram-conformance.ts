/* oxlint-disable max-lines-per-function -- one list of tests; files ending in .test.ts are exempt for the same reason */
import { isStaleMarker, writeStaleMarker } from '@plimsoll/proto';
import { type Buckets, FloatHistogram, Labels } from '@plimsoll/promql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOW_MS, type StoreHarness, test } from './store-conformance.ts';
import { NO_SERIES, type SampleAppend, type TelemetryStore } from './store.ts';
import { histogramText, seededHistogram } from './testing/seeded-histogram.ts';

interface Written {
  readonly offsetMs: number;
  readonly value: number | 'stale' | FloatHistogram;
  readonly startMs?: number;
}

/** What every engine does with native histograms and start timestamps, but for its exceptions. */
export function describeHistogramStore(engine: string, harness: StoreHarness): void {
  const { nowMs = NOW_MS } = harness;
  describe(`native histograms: ${engine}`, { timeout: 60_000 }, () => {
    let store: TelemetryStore;
    beforeEach(async () => {
      store = await harness.open({ maxSeries: 50, outOfOrderWindowMs: 10_000 });
    });
    afterEach(() => harness.close(store));

    const kept = test(harness, 'histograms');
    const batch = (name: string, written: readonly Written[]): SampleAppend => {
      const [ref = NO_SERIES] = store.internSeries([Labels.of({ __name__: name })]);
      const values = Float64Array.from(written, ({ value }) => (typeof value === 'number' ? value : 0));
      written.forEach(({ value }, i) => {
        if (value === 'stale') writeStaleMarker(values, i);
      });
      return {
        refs: new Uint32Array(written.length).fill(ref),
        timestampsMs: Float64Array.from(written, ({ offsetMs }) => nowMs + offsetMs),
        values,
        histograms: written.map(({ value }) => (typeof value === 'object' ? value : undefined)),
        startTimestampsMs: Float64Array.from(written, ({ startMs = 0 }) => startMs),
      };
    };

    const rows = async () => {
      const found = await store.select({ matchers: [], startMs: 0, endMs: 2 * nowMs });
      return found
        .toSorted((a, b) => Labels.compare(a.labels, b.labels))
        .flatMap(({ timestamps, values, histograms, startTimestamps }) =>
          Array.from(timestamps, (timestampMs, i) => {
            const histogram = histograms?.[i];
            const value = values[i] ?? 0;
            const seen =
              histogram === undefined
                ? isStaleMarker(value)
                  ? 'stale'
                  : value
                : histogramText(histogram.compact());
            return [timestampMs - nowMs, seen, startTimestamps?.[i] ?? 0];
          }),
        );
    };

    kept('come back as they were, among floats and stale markers, wherever they rest', async () => {
      const written = Array.from({ length: 130 }, (_, i): Written => {
        const value = i % 20 === 7 ? 'stale' : i % 30 > 25 ? i / 2 : seededHistogram(i);
        return { offsetMs: i * 15_000, value };
      });
      const outcome = store.appendSamples(batch('mixed', written.slice(0, 100)));
      expect(outcome).toMatchObject({ accepted: 100, duplicate: 0 });
      await outcome.durable;
      expect(await rows()).toEqual(expected(written.slice(0, 100)));
      store = await harness.reopen(store);
      await store.appendSamples(batch('mixed', written.slice(100))).durable;
      expect(await rows()).toEqual(expected(written));
      await harness.settle(store);
      expect(await rows()).toEqual(expected(written));
      store = await harness.reopen(store);
      expect(await rows()).toEqual(expected(written));
    });

    test(harness, 'emptyBuckets')('keep their empty buckets', async () => {
      const written = [sparse(3), sparse(1, 3), sparse(3, 4, 5)].map((positive, i) => ({
        offsetMs: i * 1000,
        value: new FloatHistogram({ count: 2, sum: i, positive }),
      }));
      await store.appendSamples(batch('sparse', written)).durable;
      await harness.settle(store);
      const [found] = await store.select({ matchers: [], startMs: 0, endMs: 2 * nowMs });
      expect(found?.histograms?.map((histogram) => histogram?.positive)).toEqual(
        written.map(({ value }) => value.positive),
      );
    });

    it('tell a repeated sample from another at the same time', async () => {
      const [one, two] = [seededHistogram(1), seededHistogram(2)];
      await store.appendSamples(batch('h', [{ offsetMs: 0, value: one }])).durable;
      expect(store.appendSamples(batch('h', [{ offsetMs: 0, value: one }]))).toMatchObject({ accepted: 1 });
      for (const value of [two, 0]) {
        const again = store.appendSamples(batch('h', [{ offsetMs: 0, value }]));
        expect(again).toMatchObject({ accepted: 0, duplicate: 1 });
      }
      const float = batch('f', [{ offsetMs: 0, value: 0 }]);
      await store.appendSamples(float).durable;
      expect(store.appendSamples(batch('f', [{ offsetMs: 0, value: one }]))).toMatchObject({ duplicate: 1 });
    });

    kept('are taken out of order within the window', async () => {
      const written: Written[] = [
        { offsetMs: 9000, value: seededHistogram(1) },
        { offsetMs: 5000, value: 3 },
        { offsetMs: 2000, value: seededHistogram(2) },
      ];
      const outcome = store.appendSamples(batch('h', written));
      expect(outcome).toMatchObject({ accepted: 3 });
      await outcome.durable;
      expect(await rows()).toEqual(expected(written));
      await harness.settle(store);
      store = await harness.reopen(store);
      expect(await rows()).toEqual(expected(written));
    });

    test(harness, 'startTimestamps')('keep start timestamps of floats and of histograms', async () => {
      const written = Array.from({ length: 130 }, (_, i) => ({
        offsetMs: i * 1000,
        value: i % 40 > 20 ? seededHistogram(i) : i,
        startMs: i % 7 === 0 ? 0 : nowMs - Math.floor(i / 10),
      }));
      await store.appendSamples(batch('counter', written)).durable;
      await harness.settle(store);
      expect(await rows()).toEqual(expected(written));
      store = await harness.reopen(store);
      expect(await rows()).toEqual(expected(written));
    });

    kept('say where a counter goes on', async () => {
      const grown = seededHistogram(1);
      const written = [
        { offsetMs: 0, value: grown },
        { offsetMs: 1000, value: grown.multiply(2) },
        { offsetMs: 2000, value: grown },
      ];
      await store.appendSamples(batch('h', written)).durable;
      for (const settles of [false, true]) {
        if (settles) await harness.settle(store);
        const [found] = await store.select({ matchers: [], startMs: 0, endMs: 2 * nowMs });
        expect(found?.histograms?.map((histogram) => histogram?.counterResetHint)).toEqual([
          'unknown',
          'not_reset',
          'unknown',
        ]);
      }
    });
  });
}

/** Buckets of which only the third has something in it. */
function sparse(...indexes: number[]): Buckets {
  return { indexes, counts: Float64Array.from(indexes, (i) => (i === 3 ? 2 : 0)) };
}

function expected(written: readonly Written[]) {
  return written
    .toSorted((a, b) => a.offsetMs - b.offsetMs)
    .map(({ offsetMs, value, startMs = 0 }) => [
      offsetMs,
      typeof value === 'object' ? histogramText(value.compact()) : value,
      startMs,
    ]);
}
