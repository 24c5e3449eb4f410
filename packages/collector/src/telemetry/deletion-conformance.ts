/* oxlint-disable max-lines-per-function -- one list of tests; files ending in .test.ts are exempt for the same reason */
import { type FloatHistogram, Labels, type Matcher } from '@plimsoll/promql';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { NOW_MS, type StoreHarness, test } from './store-conformance.ts';
import { NO_SERIES, type TelemetryStore } from './store.ts';
import { seededHistogram } from './testing/seeded-histogram.ts';

const HOUR_MS = 3_600_000;

const hours = (...list: number[]): number[] => list.map((hour) => hour * HOUR_MS);

const eq = (name: string, value: string): Matcher => ({ name, type: '=', value });

/** What every engine does that can delete samples, wherever they rest; one that cannot refuses. */
export function describeDeletion(engine: string, harness: StoreHarness): void {
  const { nowMs = NOW_MS } = harness;
  describe(`deletion: ${engine}`, { timeout: 60_000 }, () => {
    const deletes = test(harness, 'deletion');
    let store: TelemetryStore;
    beforeEach(async () => {
      store = await harness.open({ maxSeries: 50, outOfOrderWindowMs: 100 * HOUR_MS });
    });
    afterEach(() => harness.close(store));

    /** Offsets of the samples of each series. */
    const rows = async (startMs = 0, endMs = 2 * nowMs) => {
      const found = await store.select({ matchers: [], startMs, endMs });
      return Object.fromEntries(
        found.map(({ labels, timestamps }) => [labels.name, Array.from(timestamps, (at) => at - nowMs)]),
      );
    };
    const frame = async (sequence: number, offsetMs: number) => {
      const labels = ['a', 'b'].map((name) => Labels.of({ __name__: name, instance: 'host' }));
      await store.appendFrame({
        agentId: 'agent',
        epoch: 1,
        sequence,
        timestampMs: nowMs + offsetMs,
        refs: store.internSeries(labels),
        values: Float64Array.of(sequence, -sequence),
        backfill: false,
      }).durable;
    };
    const sample = async (name: string, offsetMs: number, histogram?: FloatHistogram) => {
      const [ref = NO_SERIES] = store.internSeries([Labels.of({ __name__: name })]);
      await store.appendSamples({
        refs: Uint32Array.of(ref),
        timestampsMs: Float64Array.of(nowMs + offsetMs),
        values: Float64Array.of(offsetMs),
        histograms: [histogram],
      }).durable;
    };
    const remove = (selector: readonly Matcher[], from: number, to: number) =>
      store.deleteSeries([selector], nowMs + from, nowMs + to);

    /** Samples at each of the hours from 0 to 5. */
    const fill = async () => {
      for (let hour = 0; hour < 6; hour++) {
        await frame(hour + 1, hour * HOUR_MS);
        await sample('rule', hour * HOUR_MS);
        await sample('histogram', hour * HOUR_MS, hour % 2 === 0 ? seededHistogram(hour + 1) : undefined);
      }
    };

    deletes.each(['unsettled', 'settled', 'settled afterwards'])(
      'takes samples away that are %s',
      async (when) => {
        await fill();
        if (when === 'settled') await harness.settle(store);
        await remove([eq('__name__', 'a')], HOUR_MS, 3 * HOUR_MS);
        await remove([eq('__name__', 'histogram')], -HOUR_MS, 2 * HOUR_MS);
        await remove([{ name: '__name__', type: '=~', value: 'ru.*' }], 5 * HOUR_MS, 9 * HOUR_MS);
        if (when === 'settled afterwards') await harness.settle(store);
        const expected = {
          a: hours(0, 4, 5),
          b: hours(0, 1, 2, 3, 4, 5),
          rule: hours(0, 1, 2, 3, 4),
          histogram: hours(3, 4, 5),
        };
        expect(await rows()).toEqual(expected);
        store = await harness.reopen(store);
        expect(await rows()).toEqual(expected);
        await store.cleanDeleted();
        expect(await rows()).toEqual(expected);
        store = await harness.reopen(store);
        expect(await rows()).toEqual(expected);
      },
    );

    deletes('shows the sample before a deleted one at an instant', async () => {
      await fill();
      await remove([eq('__name__', 'a')], 5 * HOUR_MS, 5 * HOUR_MS);
      const instants = { firstMs: nowMs + 6 * HOUR_MS, stepMs: 0, count: 1 };
      const request = { matchers: [eq('__name__', 'a')], startMs: 0, endMs: nowMs + 6 * HOUR_MS, instants };
      const [found] = await store.select(request);
      expect([found?.timestamps.at(-1), found?.values.at(-1)]).toEqual([nowMs + 4 * HOUR_MS, 5]);
    });

    deletes('takes series away that have nothing left', async () => {
      await fill();
      await remove([eq('instance', 'host')], -HOUR_MS, 9 * HOUR_MS);
      await remove([eq('__name__', 'rule')], -HOUR_MS, 4 * HOUR_MS);
      await remove([eq('__name__', 'histogram')], -HOUR_MS, 9 * HOUR_MS);
      expect(await store.labelValues('__name__', [], 0, 2 * nowMs)).toEqual(['rule']);
      expect(await store.labelNames([], 0, 2 * nowMs)).toEqual(['__name__']);
      expect(await store.series([[eq('__name__', 'rule')]], 0, nowMs + 4 * HOUR_MS)).toEqual([]);
      await store.cleanDeleted();
      // The agent may go on with its series.
      expect(store.stats().activeSeries).toBe(3);
      await frame(7, 9 * HOUR_MS);
      expect(await rows()).toMatchObject({ a: hours(9), b: hours(9), rule: hours(5) });
    });

    deletes('keeps what comes later, and after cleaning also what comes late', async () => {
      await sample('rule', 0);
      await remove([eq('__name__', 'rule')], -HOUR_MS, 100 * HOUR_MS);
      await sample('rule', HOUR_MS);
      expect(await rows()).toEqual({ rule: hours(1) });
      await store.cleanDeleted();
      await sample('rule', HOUR_MS / 2);
      await sample('rule', 0);
      expect(await rows()).toEqual({ rule: hours(0, 0.5, 1) });
    });

    deletes('takes nothing where nothing matches', async () => {
      await fill();
      const before = await rows();
      await remove([eq('__name__', 'none')], 0, 9 * HOUR_MS);
      await remove([eq('__name__', 'a')], 10 * HOUR_MS, 11 * HOUR_MS);
      await store.cleanDeleted();
      expect(await rows()).toEqual(before);
    });
  });
}
