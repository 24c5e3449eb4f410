/* oxlint-disable max-lines-per-function -- one list of tests; files ending in .test.ts are exempt for the same reason */
import { isStaleMarker, writeNoSample, writeStaleMarker } from '@plimsoll/proto';
import { Labels, type Matcher } from '@plimsoll/promql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FrameAppend, NO_SERIES, type SampleAppend, type TelemetryStore } from './store.ts';

/** What an engine brings to be tested. The clock stands at NOW_MS; retention is thirty days. */
export interface StoreHarness {
  /** A store over empty data, with these limits. */
  open(limits: { readonly maxSeries: number; readonly outOfOrderWindowMs: number }): Promise<TelemetryStore>;
  /** Closes the store and opens the same data again. */
  reopen(store: TelemetryStore): Promise<TelemetryStore>;
  /** Moves data on to where it would rest after some hours. */
  settle(store: TelemetryStore): Promise<void>;
  /** Ends the store and clears up. */
  close(store: TelemetryStore): Promise<void>;
  /** Where the clock stands instead of at NOW_MS, for servers that take no samples of the future. */
  readonly nowMs?: number;
  /** What the engine does not do, see docs/storage/engines.md. */
  readonly exceptions?: readonly StoreException[];
}

/** What of the suite an engine may not do: the words of the first column of the table in docs/storage/engines.md. */
export const STORE_EXCEPTIONS = {
  histograms: 'native histograms',
  emptyBuckets: 'empty buckets of native histograms',
  startTimestamps: 'start timestamps',
  deletion: 'deletion of samples',
} as const;

export type StoreException = keyof typeof STORE_EXCEPTIONS;

/** Declares a test of what an engine may not do: where it is an exception, the test has to fail. */
export function test({ exceptions = [] }: StoreHarness, exception: StoreException) {
  return exceptions.includes(exception) ? it.fails : it;
}

export const NOW_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;

const eq = (name: string, value: string): Matcher => ({ name, type: '=', value });

/** The tests that every engine behind TelemetryStore passes. */
export function describeStore(engine: string, harness: StoreHarness): void {
  const { nowMs = NOW_MS } = harness;
  describe(`TelemetryStore: ${engine}`, { timeout: 60_000 }, () => {
    let store: TelemetryStore;
    beforeEach(async () => {
      store = await harness.open({ maxSeries: 50, outOfOrderWindowMs: 0 });
    });
    afterEach(() => harness.close(store));

    // Series come in any order.
    const select = async (matchers: readonly Matcher[], startMs = 0, endMs = 2 * nowMs) => {
      const found = await store.select({ matchers, startMs, endMs });
      return found.toSorted((a, b) => Labels.compare(a.labels, b.labels));
    };
    const rows = async (matchers: readonly Matcher[], startMs = 0, endMs = 2 * nowMs) =>
      (await select(matchers, startMs, endMs)).map(({ labels, timestamps, values }) => ({
        labels: labels.toString(),
        samples: Array.from(timestamps, (timestampMs, i) => [timestampMs - nowMs, values[i]]),
      }));

    const matched = async (...matchers: Matcher[]) =>
      (await select(matchers)).map(({ values }) => values[0]).toSorted((a = 0, b = 0) => a - b);

    const frame = (
      names: readonly string[],
      values: readonly number[],
      fields: Partial<FrameAppend>,
    ): FrameAppend => ({
      agentId: 'agent',
      epoch: 1,
      sequence: 1,
      timestampMs: nowMs,
      refs: store.internSeries(names.map((name) => Labels.of({ __name__: name, instance: 'host' }))),
      values: Float64Array.from(values),
      backfill: false,
      ...fields,
    });
    const samples = (
      name: string,
      timed: readonly (readonly [offsetMs: number, value: number])[],
    ): SampleAppend => {
      const [ref = NO_SERIES] = store.internSeries([Labels.of({ __name__: name })]);
      return {
        refs: new Uint32Array(timed.length).fill(ref),
        timestampsMs: Float64Array.from(timed, ([offsetMs]) => nowMs + offsetMs),
        values: Float64Array.from(timed, ([, value]) => value),
      };
    };

    describe('frames', () => {
      it('are selected at once, and again after settling and reopening', async () => {
        const first = store.appendFrame(frame(['a', 'b'], [1, 2], { sequence: 1 }));
        store.appendFrame(frame(['a', 'b'], [3, 4], { sequence: 2, timestampMs: nowMs + 10 }));
        const expected = [
          {
            labels: 'a{instance="host"}',
            samples: [
              [0, 1],
              [10, 3],
            ],
          },
          {
            labels: 'b{instance="host"}',
            samples: [
              [0, 2],
              [10, 4],
            ],
          },
        ];
        expect(await rows([])).toEqual(expected);
        await first.durable;
        await harness.settle(store);
        expect(await rows([])).toEqual(expected);
        store = await harness.reopen(store);
        expect(await rows([])).toEqual(expected);
        expect(await rows([], nowMs + 1, nowMs + 10)).toEqual(
          expected.map(({ labels, samples: all }) => ({ labels, samples: all.slice(1) })),
        );
        expect(await rows([], nowMs + 1, nowMs + 9)).toEqual([]);
      });

      it('share their timestamps', async () => {
        store.appendFrame(frame(['a', 'b', 'c'], [1, 2, 3], {}));
        const all = await select([]);
        expect(new Set(all.map(({ timestamps }) => timestamps)).size).toBe(1);
      });

      it('count once for each agent, epoch and sequence, in any order', async () => {
        const send = (epoch: number, sequence: number, value: number) =>
          store.appendFrame(
            frame(['a'], [value], { epoch, sequence, timestampMs: nowMs + epoch * 100 + sequence }),
          );
        const outcomes = [
          send(2, 3, 1),
          send(2, 1, 2),
          send(1, 9, 3),
          send(2, 2, 4),
          send(2, 3, 99),
          send(1, 9, 99),
        ];
        expect(outcomes.map(({ status }) => status)).toEqual([
          ...Array.from({ length: 4 }, () => 'accepted'),
          'duplicate',
          'duplicate',
        ]);
        await Promise.all(outcomes.map(({ durable }) => durable));
        const ranges = [
          { epoch: 1, first: 9, last: 9 },
          { epoch: 2, first: 1, last: 3 },
        ];
        expect(store.receivedRanges('agent')).toEqual(ranges);
        expect(store.receivedRanges('another')).toEqual([]);
        store = await harness.reopen(store);
        expect(store.receivedRanges('agent')).toEqual(ranges);
        expect(send(2, 2, 99).status).toBe('duplicate');
        const [found] = await rows([eq('__name__', 'a')]);
        expect(found?.samples).toEqual([
          [109, 3],
          [201, 2],
          [202, 4],
          [203, 1],
        ]);
      });

      it('of the highest epoch and sequence win where times are equal', async () => {
        store.appendFrame(frame(['a', 'b'], [21, 22], { epoch: 2, sequence: 1 }));
        store.appendFrame(frame(['a', 'b'], [11, 12], { epoch: 1, sequence: 5 }));
        const last = frame(['a', 'b'], [0, 32], { epoch: 2, sequence: 2 });
        writeNoSample(last.values, 0);
        await store.appendFrame(last).durable;
        const expected = [[[0, 21]], [[0, 32]]];
        expect((await rows([])).map(({ samples: all }) => all)).toEqual(expected);
        await harness.settle(store);
        expect((await rows([])).map(({ samples: all }) => all)).toEqual(expected);
      });

      it('keep stale markers and leave rows without a sample out', async () => {
        const marked = frame(['a', 'b'], [1, 2], {});
        writeStaleMarker(marked.values, 0);
        writeNoSample(marked.values, 1);
        await store.appendFrame(marked).durable;
        await harness.settle(store);
        const found = await select([]);
        expect(found.map(({ labels }) => labels.name)).toEqual(['a']);
        expect(isStaleMarker(found[0]?.values[0] ?? 0)).toBe(true);
      });

      it('older than retention are refused for good', () => {
        const outcome = store.appendFrame(frame(['a'], [1], { timestampMs: nowMs - 31 * DAY_MS }));
        expect(outcome.status).toBe('too_old');
      });

      it('may come from a clock that jumps back and forward', async () => {
        const offsets = [0, 10, -3_600_000, 20, 90_000_000, 30];
        offsets.forEach((offsetMs, i) =>
          store.appendFrame(frame(['a'], [i], { sequence: i + 1, timestampMs: nowMs + offsetMs })),
        );
        await harness.settle(store);
        const [found] = await rows([]);
        expect(found?.samples.map(([offsetMs]) => offsetMs)).toEqual(offsets.toSorted((a, b) => a - b));
      });

      it('keep a series whole when dictionaries change', async () => {
        store.appendFrame(frame(['a', 'b'], [1, 2], { sequence: 1 }));
        store.appendFrame(frame(['b', 'c'], [3, 4], { sequence: 2, timestampMs: nowMs + 10 }));
        store.appendFrame(frame(['c', 'b', 'a'], [5, 6, 7], { sequence: 3, timestampMs: nowMs + 20 }));
        await harness.settle(store);
        expect((await rows([eq('__name__', 'b')]))[0]?.samples).toEqual([
          [0, 2],
          [10, 3],
          [20, 6],
        ]);
        expect((await rows([eq('__name__', 'a')]))[0]?.samples).toEqual([
          [0, 1],
          [20, 7],
        ]);
      });
    });

    describe('samples', () => {
      it('are refused by Prometheus’ classes', async () => {
        const first = store.appendSamples(
          samples('rule', [
            [0, 1],
            [10, 2],
          ]),
        );
        expect(first).toMatchObject({ accepted: 2, outOfOrder: 0, tooOld: 0, duplicate: 0 });
        const second = store.appendSamples(
          samples('rule', [
            [10, 2],
            [10, 9],
            [5, 1],
            [-31 * DAY_MS, 1],
            [20, 3],
          ]),
        );
        expect(second).toMatchObject({ accepted: 2, outOfOrder: 1, tooOld: 1, duplicate: 1 });
        await second.durable;
        expect((await rows([]))[0]?.samples).toEqual([
          [0, 1],
          [10, 2],
          [20, 3],
        ]);
      });

      it('within the window are taken out of order', async () => {
        await harness.close(store);
        store = await harness.open({ maxSeries: 50, outOfOrderWindowMs: 1000 });
        const outcome = store.appendSamples(
          samples('rule', [
            [5000, 1],
            [4500, 2],
            [3000, 3],
            [4800, 4],
          ]),
        );
        expect(outcome).toMatchObject({ accepted: 3, outOfOrder: 0, tooOld: 1 });
        await outcome.durable;
        const expected = [
          [4500, 2],
          [4800, 4],
          [5000, 1],
        ];
        expect((await rows([]))[0]?.samples).toEqual(expected);
        await harness.settle(store);
        store = await harness.reopen(store);
        expect((await rows([]))[0]?.samples).toEqual(expected);
      });
    });

    describe('series', () => {
      it('have one number each, and none beyond the limit', async () => {
        const labels = Array.from({ length: 60 }, (_, i) => Labels.of({ __name__: 'm', i: String(i) }));
        const refs = store.internSeries(labels);
        expect(new Set(refs).size).toBe(51);
        expect(refs.filter((ref) => ref === NO_SERIES)).toHaveLength(10);
        expect(store.internSeries(labels.slice(0, 3))).toEqual(refs.slice(0, 3));
        const whole = { ...frame([], [], {}), refs, values: new Float64Array(60).fill(1) };
        await store.appendFrame(whole).durable;
        expect(await select([])).toHaveLength(50);
        expect(store.stats().activeSeries).toBe(50);
      });

      it('are found by every kind of matcher', async () => {
        const refs = store.internSeries([
          Labels.of({ __name__: 'up', job: 'node', env: 'prod' }),
          Labels.of({ __name__: 'up', job: 'db' }),
          Labels.of({ __name__: 'load', job: 'node', env: 'test' }),
        ]);
        store.appendFrame({ ...frame([], [], {}), refs, values: Float64Array.of(1, 2, 3) });
        expect(await matched()).toEqual([1, 2, 3]);
        expect(await matched(eq('__name__', 'up'))).toEqual([1, 2]);
        expect(await matched(eq('__name__', 'down'))).toEqual([]);
        expect(await matched(eq('env', ''))).toEqual([2]);
        expect(await matched({ name: 'env', type: '!=', value: 'prod' })).toEqual([2, 3]);
        expect(await matched({ name: 'env', type: '!=', value: '' })).toEqual([1, 3]);
        expect(await matched({ name: 'env', type: '=~', value: 'prod|test' })).toEqual([1, 3]);
        expect(await matched({ name: 'env', type: '=~', value: 'pro' })).toEqual([]);
        expect(await matched({ name: 'env', type: '=~', value: '(prod)?' })).toEqual([1, 2]);
        expect(await matched({ name: 'env', type: '!~', value: 'p.*' })).toEqual([2, 3]);
        expect(await matched({ name: 'none', type: '!~', value: '.+' }, eq('job', 'node'))).toEqual([1, 3]);
      });

      it('are listed with their labels where they have samples', async () => {
        store.appendFrame(frame(['a'], [1], {}));
        store.appendFrame(frame(['b'], [2], { sequence: 2, timestampMs: nowMs + DAY_MS }));
        const names = async (startMs: number, endMs: number) =>
          (await store.series([[eq('instance', 'host')], [eq('__name__', 'b')]], startMs, endMs)).map(
            ({ name }) => name,
          );
        expect(await names(nowMs, nowMs)).toEqual(['a']);
        expect(await names(0, 2 * nowMs)).toEqual(['a', 'b']);
        expect(await store.labelNames([], 0, 2 * nowMs)).toEqual(['__name__', 'instance']);
        expect(await store.labelValues('__name__', [], 0, 2 * nowMs)).toEqual(['a', 'b']);
        expect(await store.labelValues('__name__', [[eq('__name__', 'a')]], 0, 2 * nowMs)).toEqual(['a']);
      });

      it('carry metadata, which is kept', async () => {
        const family = { family: 'm', type: 'counter', help: 'Help "me".', unit: 'seconds' } as const;
        store.setMetadata([family]);
        await store.appendFrame(frame(['m'], [1], {})).durable;
        store = await harness.reopen(store);
        expect(store.metadata('m')).toEqual([family]);
        expect(store.metadata()).toEqual([family]);
        expect(store.metadata('n')).toEqual([]);
      });
    });

    describe('retention', () => {
      it('drops what is older, and the series that have nothing left', async () => {
        store.appendFrame(frame(['old', 'both'], [1, 2], { timestampMs: nowMs - 20 * DAY_MS }));
        await store.appendFrame(frame(['both', 'new'], [3, 4], { sequence: 2 })).durable;
        await harness.settle(store);
        await store.enforceRetention(nowMs + 15 * DAY_MS);
        expect(await rows([])).toEqual([
          { labels: 'both{instance="host"}', samples: [[0, 3]] },
          { labels: 'new{instance="host"}', samples: [[0, 4]] },
        ]);
        expect(store.stats().activeSeries).toBe(2);
        store = await harness.reopen(store);
        expect((await select([])).map(({ labels }) => labels.name)).toEqual(['both', 'new']);
        expect(store.receivedRanges('agent')).toEqual([{ epoch: 1, first: 1, last: 2 }]);
      });
    });

    it('keeps its incarnation', async () => {
      const { incarnation } = store;
      store = await harness.reopen(store);
      expect(store.incarnation).toBe(incarnation);
    });
  });
}
