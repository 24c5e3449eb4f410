import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isNoSample, writeNoSample, writeStaleMarker } from '@plimsoll/proto';
import { type FloatHistogram, Labels, type SeriesColumns } from '@plimsoll/promql';
import fc from 'fast-check';
import pino from 'pino';
import { Registry } from 'prom-client';
import { it } from 'vitest';
import { systemFiles } from './files.ts';
import { histogramText, seededHistogram } from '../testing/seeded-histogram.ts';
import { type EmbeddedTelemetryStore, openEmbeddedStore } from './open-embedded-store.ts';

const BASE_MS = 1_800_000_000_000;
const WINDOW_MS = 7_200_000;
const SLOTS = 5;
/** So little that reads push out what the same read is still to come to. */
const READ_MEMORY_BYTES = 6000;

/** Series of each agent's two dictionaries overlap; the second also has slots of its own. */
function labelsOf(agent: number, variant: number): Labels[] {
  return Array.from({ length: SLOTS }, (_, slot) =>
    Labels.of({ __name__: `m${slot + variant * 2}`, instance: `host-${agent}` }),
  );
}

interface Step {
  readonly kind:
    | 'frame'
    | 'resend'
    | 'samples'
    | 'compact'
    | 'restart'
    | 'crash'
    | 'epoch'
    | 'delete'
    | 'clean';
  readonly agent: number;
  readonly variant: number;
  /** In tens of seconds, over three windows. */
  readonly tick: number;
  readonly seed: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 40, arbitrary: fc.constant('frame' as const) },
    { weight: 6, arbitrary: fc.constant('resend' as const) },
    { weight: 8, arbitrary: fc.constant('samples' as const) },
    { weight: 4, arbitrary: fc.constant('compact' as const) },
    { weight: 2, arbitrary: fc.constant('restart' as const) },
    { weight: 2, arbitrary: fc.constant('crash' as const) },
    { weight: 2, arbitrary: fc.constant('epoch' as const) },
    { weight: 3, arbitrary: fc.constant('delete' as const) },
    { weight: 1, arbitrary: fc.constant('clean' as const) },
  ),
  agent: fc.nat(1),
  variant: fc.nat(1),
  tick: fc.oneof(fc.nat(30), fc.nat((3 * WINDOW_MS) / 10_000)),
  seed: fc.nat(1000),
});

interface Known {
  /** The value's bits, or a histogram as text; and a start timestamp. */
  readonly bits: string;
  readonly epoch: number;
  readonly sequence: number;
}

function bitsOf(values: Float64Array, index: number): string {
  const words = new Uint32Array(values.slice(index, index + 1).buffer);
  return `${words[1]?.toString(16)}:${words[0]?.toString(16)}`;
}

function sampleText(
  histogram: FloatHistogram | undefined,
  values: Float64Array,
  index: number,
  startMs: number,
): string {
  const value = histogram === undefined ? bitsOf(values, index) : histogramText(histogram);
  return startMs === 0 ? value : `${value} since ${startMs}`;
}

function seenText({ values, histograms, startTimestamps }: SeriesColumns, index: number): string {
  return sampleText(histograms?.[index], values, index, startTimestamps?.[index] ?? 0);
}

/** The store's promise as the simplest thing that keeps it: every sample in a map, the highest frame wins. */
class Model {
  readonly samples = new Map<string, Map<number, Known>>();
  readonly #names = new Map<string, string>();
  /** Of a series, from when to when nothing is seen, both inclusive. */
  readonly #deleted = new Map<string, (readonly [startMs: number, endMs: number])[]>();

  add(labels: Labels, timestampMs: number, known: Known): void {
    const series = this.samples.get(labels.key) ?? new Map<number, Known>();
    const before = series.get(timestampMs);
    const wins =
      before === undefined ||
      known.epoch > before.epoch ||
      (known.epoch === before.epoch && known.sequence > before.sequence);
    if (wins) series.set(timestampMs, known);
    this.samples.set(labels.key, series);
    this.#names.set(labels.key, labels.name);
  }

  within(startMs: number, endMs: number): Map<string, [number, string][]> {
    const found = new Map<string, [number, string][]>();
    for (const [key, series] of this.samples) {
      const rows = [...series]
        .filter(([timestampMs]) => timestampMs >= startMs && timestampMs <= endMs)
        .filter(([timestampMs]) => !this.#isDeleted(key, timestampMs))
        .map(([timestampMs, { bits }]): [number, string] => [timestampMs, bits])
        .sort((a, b) => a[0] - b[0]);
      if (rows.length > 0) found.set(key, rows);
    }
    return found;
  }

  /** What is seen now of a series, up to the newest sample, is not seen any more, nor what is put there later. */
  delete(name: string, startMs: number, endMs: number): void {
    for (const [key, rows] of this.within(startMs, endMs)) {
      const newestMs = rows.at(-1)?.[0] ?? 0;
      if (!this.#names.get(key)?.startsWith(name)) continue;
      this.#deleted.set(key, [...(this.#deleted.get(key) ?? []), [startMs, newestMs]]);
    }
  }

  /** What is not seen is gone. */
  clean(): void {
    for (const [key, series] of this.samples) {
      for (const timestampMs of series.keys()) {
        if (this.#isDeleted(key, timestampMs)) series.delete(timestampMs);
      }
    }
    this.#deleted.clear();
  }

  #isDeleted(key: string, timestampMs: number): boolean {
    return (this.#deleted.get(key) ?? []).some(([from, to]) => from <= timestampMs && timestampMs <= to);
  }
}

function byKey<T>(rows: ReadonlyMap<string, T>): [string, T][] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
}

class Simulation {
  readonly #root = mkdtempSync(join(tmpdir(), 'plimsoll-model-'));
  readonly #model = new Model();
  readonly #epochs = [1, 1];
  readonly #sequences = [0, 0];
  readonly #sent: Parameters<EmbeddedTelemetryStore['appendFrame']>[0][] = [];
  #runs = 0;
  #store: EmbeddedTelemetryStore | undefined;
  #looseNewestMs = -Infinity;

  async run(steps: readonly Step[]): Promise<void> {
    try {
      this.#store = await this.#open();
      // Something is as old as any deletion reaches back.
      this.#frame(this.#store, { kind: 'frame', agent: 0, variant: 0, tick: 0, seed: 1 });
      for (const next of steps) await this.#apply(next);
      await this.#check();
    } finally {
      await this.#store?.[Symbol.asyncDispose]();
      rmSync(this.#root, { recursive: true, force: true });
    }
  }

  get #path(): string {
    return join(this.#root, String(this.#runs));
  }

  #open(): Promise<EmbeddedTelemetryStore> {
    return openEmbeddedStore({
      path: this.#path,
      runtime: { now: () => BASE_MS, log: pino({ level: 'silent' }), metrics: new Registry() },
      options: { writer: { files: systemFiles }, commitIntervalMs: 1, readMemoryBytes: READ_MEMORY_BYTES },
    });
  }

  async #apply(next: Step): Promise<void> {
    const store = this.#store;
    if (store === undefined) return;
    switch (next.kind) {
      case 'frame':
        this.#frame(store, next);
        return;
      case 'samples':
        await this.#samples(store, next);
        return;
      case 'resend': {
        const frame = this.#sent[next.seed % this.#sent.length];
        if (frame === undefined) return;
        const refs = store.internSeries(labelsOf(next.agent, next.variant));
        const again = store.appendFrame({ ...frame, refs });
        assert.equal(again.status, 'duplicate');
        return;
      }
      case 'epoch':
        this.#epochs[next.agent] = (this.#epochs[next.agent] ?? 0) + 1;
        this.#sequences[next.agent] = 0;
        return;
      case 'compact':
        await store.compact();
        await this.#check();
        return;
      case 'delete':
        await this.#delete(store, next);
        await this.#check();
        return;
      case 'clean':
        await store.cleanDeleted();
        this.#model.clean();
        await this.#check();
        return;
      case 'restart':
        await store[Symbol.asyncDispose]();
        this.#store = await this.#open();
        await this.#check();
        return;
      case 'crash':
        await this.#crash(store);
        await this.#check();
        return;
    }
  }

  #frame(store: EmbeddedTelemetryStore, { agent, variant, tick, seed }: Step): void {
    const labels = labelsOf(agent, variant);
    const values = Float64Array.from(labels, (_, slot) => ((seed * (slot + 1)) % 977) / 100);
    if (seed % 7 === 0) writeStaleMarker(values, seed % SLOTS);
    if (seed % 5 === 0) writeNoSample(values, (seed + 2) % SLOTS);
    const frame = {
      agentId: `agent-${agent}`,
      epoch: this.#epochs[agent] ?? 0,
      sequence: (this.#sequences[agent] = (this.#sequences[agent] ?? 0) + 1),
      timestampMs: BASE_MS + tick * 10_000,
      refs: store.internSeries(labels),
      values,
      backfill: false,
    };
    assert.equal(store.appendFrame(frame).status, 'accepted');
    this.#sent.push(frame);
    labels.forEach((series, slot) => {
      if (isNoSample(values[slot] ?? 0)) return;
      this.#model.add(series, frame.timestampMs, { ...frame, bits: bitsOf(values, slot) });
    });
  }

  async #samples(store: EmbeddedTelemetryStore, { tick, seed }: Step): Promise<void> {
    const timestampMs = BASE_MS + tick * 10_000;
    // Only ascending samples are sent here; the classes of refusal have tests of their own.
    if (timestampMs <= this.#looseNewestMs) return;
    this.#looseNewestMs = timestampMs;
    const labels = [
      Labels.of({ __name__: 'recorded', rule: String(seed % 3) }),
      Labels.of({ __name__: 'ALERTS' }),
    ];
    const values = Float64Array.of(seed / 8, 1 / seed);
    const histograms = [seed % 4 === 0 ? undefined : seededHistogram(seed), undefined];
    const startTimestampsMs = Float64Array.of(seed % 2, seed % 3 === 0 ? timestampMs - seed : 0);
    const outcome = store.appendSamples({
      refs: store.internSeries(labels),
      timestampsMs: Float64Array.of(timestampMs, timestampMs),
      values,
      ...(seed % 5 > 0 && { histograms, startTimestampsMs }),
    });
    await outcome.durable;
    assert.equal(outcome.accepted, 2);
    labels.forEach((series, i) => {
      const histogram = seed % 5 > 0 ? histograms[i] : undefined;
      const startMs = seed % 5 > 0 ? (startTimestampsMs[i] ?? 0) : 0;
      const bits = sampleText(histogram, values, i, startMs);
      this.#model.add(series, timestampMs, { bits, epoch: 0, sequence: 0 });
    });
  }

  async #delete(store: EmbeddedTelemetryStore, { tick, seed }: Step): Promise<void> {
    const name = ['m', 'm1', 'recorded', 'ALERTS', 'm4'][seed % 5] ?? '';
    const startMs = BASE_MS + tick * 10_000;
    const endMs = startMs + (seed % 100) * 60_000;
    await store.deleteSeries([[{ name: '__name__', type: '=~', value: `${name}.*` }]], startMs, endMs);
    this.#model.delete(name, startMs, endMs);
  }

  /** What a kill would leave: a copy of the directory, taken when everything appended is durable. */
  async #crash(store: EmbeddedTelemetryStore): Promise<void> {
    const refs = store.internSeries([Labels.of({ __name__: 'barrier' })]);
    const nothing = {
      refs: refs.subarray(0, 0),
      timestampsMs: new Float64Array(),
      values: new Float64Array(),
    };
    await store.appendSamples(nothing).durable;
    const before = this.#path;
    this.#runs++;
    cpSync(before, this.#path, { recursive: true });
    await store[Symbol.asyncDispose]();
    this.#store = await this.#open();
  }

  async #check(): Promise<void> {
    const middle = BASE_MS + 1.5 * WINDOW_MS;
    for (const [startMs, endMs] of [
      [0, 2 * BASE_MS],
      [BASE_MS + 50_000, middle],
    ] as const) {
      const found = await this.#store?.select({ matchers: [], startMs, endMs });
      const rows = new Map(
        found?.map((series) => [
          series.labels.key,
          Array.from(series.timestamps, (timestampMs, i): [number, string] => [
            timestampMs,
            seenText(series, i),
          ]),
        ]),
      );
      const expected = this.#model.within(startMs, endMs);
      assert.deepEqual(byKey(rows), byKey(expected));
      for (const instants of [
        { firstMs: endMs, stepMs: 0, count: 1 },
        { firstMs: BASE_MS + 70_000, stepMs: 0, count: 1 },
        { firstMs: BASE_MS + 55_000, stepMs: 600_000, count: 30 },
        { firstMs: BASE_MS, stepMs: 15_000, count: 700 },
      ])
        await this.#checkInstants(startMs, endMs, instants, expected);
    }
  }

  /** What is left out must not be the newest sample of any instant. */
  async #checkInstants(
    startMs: number,
    endMs: number,
    instants: { readonly firstMs: number; readonly stepMs: number; readonly count: number },
    expected: ReadonlyMap<string, readonly [number, string][]>,
  ): Promise<void> {
    const found = await this.#store?.select({ matchers: [], startMs, endMs, instants });
    const columns = new Map(found?.map((series) => [series.labels.key, series]));
    for (const [key, rows] of expected) {
      const series = columns.get(key);
      const timestamps = series?.timestamps ?? new Float64Array();
      for (let number = 0; number < instants.count; number++) {
        const atMs = Math.min(endMs, instants.firstMs + number * instants.stepMs);
        const at = timestamps.findLastIndex((timestampMs) => timestampMs <= atMs);
        const seen = at < 0 || series === undefined ? undefined : [timestamps[at], seenText(series, at)];
        assert.deepEqual(
          seen,
          rows.findLast(([timestampMs]) => timestampMs <= atMs),
        );
      }
    }
  }
}

it(
  'holds what a map of all samples would hold, through restarts, crashes and sealing',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 120 }), (steps) =>
        new Simulation().run(steps),
      ),
      { numRuns: 25 },
    );
  },
);
