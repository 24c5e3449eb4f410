import type { SeriesToWrite } from '../../../packages/collector/src/api/remote-write/testing/encode-write-request.ts';
import type { Dice } from './dice.ts';
import { BUCKETS, FAMILIES, type Course, type LabelSet } from './families.ts';

/** Milliseconds since the epoch. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

interface Tick {
  readonly timestampMs: number;
  readonly stale: boolean;
}

type Sample = SeriesToWrite['samples'][number];

/** The NaN with the payload that ends a series. */
export const STALE = Uint8Array.of(2, 0, 0, 0, 0, 0, 0xf0, 0x7f);
const MINUTE_MS = 60_000;

/** Random samples for every family, in order of time within a series. */
export function generateSeries(dice: Dice, span: TimeSpan): SeriesToWrite[] {
  return FAMILIES.flatMap(({ name, course, labelSets }) =>
    labelSets.flatMap((labels) => {
      const ticks = schedule(dice, span);
      if (course === 'histogram') return histogram(dice, name, labels, ticks);
      const next = valuesOf(dice, course);
      return [
        toSeries(
          name,
          labels,
          ticks.map((tick) => toSample(tick, () => next(tick.timestampMs))),
        ),
      ];
    }),
  );
}

/** When a series has samples: jitter, gaps with and without a stale marker, a late start, an early end. */
function schedule(dice: Dice, { startMs, endMs }: TimeSpan): Tick[] {
  const intervalMs = dice.pick([10, 15, 15, 30, 60]) * 1000;
  const jitterMs = Math.round(intervalMs * dice.pick([0, 0.001, 0.05, 0.4]));
  const firstMs = dice.chance(0.2) ? dice.integer(startMs, endMs) : startMs + dice.integer(0, intervalMs);
  const lastMs = dice.chance(0.2) ? dice.integer(firstMs, endMs) : endMs;
  const ticks: Tick[] = [];
  for (let dueMs = firstMs; dueMs <= lastMs; dueMs += intervalMs) {
    ticks.push({ timestampMs: dueMs + dice.integer(0, jitterMs), stale: false });
    if (!dice.chance(0.01)) continue;
    dueMs += intervalMs;
    if (dice.chance(0.5)) ticks.push({ timestampMs: dueMs + jitterMs, stale: true });
    dueMs += dice.integer(1, 20) * MINUTE_MS;
  }
  if (lastMs < endMs && dice.chance(0.5)) ticks.push({ timestampMs: lastMs + intervalMs, stale: true });
  return ticks.filter(({ timestampMs }) => timestampMs <= endMs);
}

/**
 * The values of one series, called in order of time. Most are multiples of 1/8 of moderate size: sums of them are exact
 * in any order, so that a difference is never one of the order in which series are added.
 */
function valuesOf(dice: Dice, course: Exclude<Course, 'histogram'>): (timestampMs: number) => number {
  let last = dice.integer(0, 800) / 8;
  switch (course) {
    case 'counter':
      return () => {
        if (dice.chance(0.01)) last = dice.integer(0, 8) / 8;
        else if (dice.chance(0.8)) last += dice.integer(0, 80) / 8;
        return last;
      };
    case 'gauge':
      return () => (last += dice.integer(-16, 16) / 8);
    case 'bytes':
      return () => dice.integer(0, 1_000_000) * 4096;
    case 'level':
      return () => dice.integer(0, 4);
    case 'one':
      return () => 1;
    case 'date':
      return (timestampMs) => Math.floor(timestampMs / 1000) - dice.integer(0, 2_000_000_000);
    case 'rough':
      return () => dice.integer(0, 50);
    case 'hostile':
    default:
      return () =>
        dice.pick([Number.NaN, Infinity, -Infinity, 0, -0, 1e300, -1e300, 1e-300, 1, 1, -1, 2.5, 7]);
  }
}

function histogram(dice: Dice, name: string, labels: LabelSet, ticks: readonly Tick[]): SeriesToWrite[] {
  const counts = BUCKETS.map(() => 0);
  let sum = 0;
  const states = ticks.map(() => {
    if (dice.chance(0.01)) {
      counts.fill(0);
      sum = 0;
    }
    for (let observed = dice.integer(0, 6); observed > 0; observed--) {
      const first = dice.integer(0, BUCKETS.length - 1);
      for (let bucket = first; bucket < counts.length; bucket++) counts[bucket] = (counts[bucket] ?? 0) + 1;
      sum += dice.integer(0, 24) / 8;
    }
    return { counts: [...counts], sum };
  });
  const column = (suffix: string, set: LabelSet, value: (state: (typeof states)[number]) => number) =>
    toSeries(
      `${name}${suffix}`,
      set,
      ticks.map((tick, index) => {
        const state = states[index];
        return toSample(tick, () => (state === undefined ? 0 : value(state)));
      }),
    );
  return [
    ...BUCKETS.map((le, bucket) =>
      column('_bucket', { ...labels, le }, (state) => state.counts[bucket] ?? 0),
    ),
    column('_sum', labels, (state) => state.sum),
    column('_count', labels, (state) => state.counts.at(-1) ?? 0),
  ];
}

function toSample({ timestampMs, stale }: Tick, value: () => number): Sample {
  return stale ? { timestampMs, bits: STALE } : { timestampMs, value: value() };
}

/** Remote write wants the labels sorted by name. */
function toSeries(name: string, labels: LabelSet, samples: Sample[]): SeriesToWrite {
  const pairs = Object.entries({ ...labels, __name__: name });
  return { labels: pairs.sort(([a], [b]) => (a < b ? -1 : 1)), samples };
}
