import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../engine.ts';
import { PromqlError } from '../errors.ts';
import { Labels } from '../labels.ts';
import type { Queryable, SelectRequest, SeriesColumns } from '../queryable.ts';
import type { RollupColumns } from './rollup-columns.ts';
import { sketchKey, sketchQuantile, sketchValue } from './sketch.ts';

const MINUTE = 60_000;
const R = 5 * MINUTE;
const UNTIL = 1_800_000_000_000;
const LABELS = Labels.of({ __name__: 'requests_total' });
const NO_SAMPLES = { timestamps: new Float64Array(0), values: new Float64Array(0) };

type Sample = readonly [timeMs: number, value: number];

/** Buckets of samples, the simple way. */
function rollUp(samples: readonly Sample[]): RollupColumns {
  const ends = [...new Set(samples.map(([time]) => Math.ceil(time / R) * R))];
  const of = (end: number): readonly Sample[] => samples.filter(([time]) => Math.ceil(time / R) * R === end);
  const column = (field: (bucket: readonly Sample[]) => number): Float64Array =>
    Float64Array.from(ends, (end) => field(of(end)));
  const fallen = (bucket: readonly Sample[]): readonly Sample[] =>
    bucket.filter((_, i) => (bucket[i + 1]?.[1] ?? Infinity) < (bucket[i]?.[1] ?? 0));
  const bins = ends.map((end) => Map.groupBy(of(end), ([, value]) => sketchKey(value)));
  const rows = bins.map((each) => [...each].sort(([a], [b]) => a - b));
  let bin = 0;
  return {
    resolutionMs: R,
    untilMs: UNTIL,
    ends: Float64Array.from(ends),
    counts: column((bucket) => bucket.length),
    sums: column((bucket) => bucket.reduce((sum, [, value]) => sum + value, 0)),
    mins: column((bucket) => Math.min(...bucket.map(([, value]) => value))),
    maxes: column((bucket) => Math.max(...bucket.map(([, value]) => value))),
    firsts: column((bucket) => bucket[0]?.[1] ?? 0),
    firstTimes: column((bucket) => bucket[0]?.[0] ?? 0),
    lasts: column((bucket) => bucket.at(-1)?.[1] ?? 0),
    lastTimes: column((bucket) => bucket.at(-1)?.[0] ?? 0),
    resets: column((bucket) => fallen(bucket).length),
    dropped: column((bucket) => fallen(bucket).reduce((sum, [, value]) => sum + value, 0)),
    staleTimes: new Float64Array(0),
    sketches: {
      ends: Int32Array.from(rows, (row) => (bin += row.length)),
      keys: Int32Array.from(rows.flatMap((row) => row.map(([key]) => key))),
      counts: Float64Array.from(rows.flatMap((row) => row.map(([, values]) => values.length))),
    },
  };
}

class Fixed implements Queryable {
  readonly requests: SelectRequest[] = [];
  readonly #answer: Omit<SeriesColumns, 'labels'>;

  constructor(series: Omit<SeriesColumns, 'labels'>) {
    this.#answer = series;
  }

  select(request: SelectRequest): Promise<SeriesColumns[]> {
    this.requests.push(request);
    return Promise.resolve([{ labels: LABELS, ...this.#answer }]);
  }
}

function columns(samples: readonly Sample[]): { timestamps: Float64Array; values: Float64Array } {
  return {
    timestamps: Float64Array.from(samples, ([time]) => time),
    values: Float64Array.from(samples, ([, value]) => value),
  };
}

const engine = createEngine({ experimentalFunctions: true });

async function ask(text: string, queryable: Queryable, timeMs: number) {
  const result = await engine.queryInstant({ text, queryable, timeMs });
  if (result.value.type !== 'vector') throw new TypeError('an instant vector was expected');
  const only = result.value.values[0];
  return { value: only, infos: result.infos };
}

async function answer(text: string, queryable: Queryable, timeMs: number): Promise<unknown> {
  return (await ask(text, queryable, timeMs)).value;
}

const samplesBefore = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 200_000 }), value: fc.integer({ min: 1, max: 5000 }) }), {
    minLength: 3,
    maxLength: 60,
  })
  .map((steps) => {
    let time = UNTIL - 60 * MINUTE;
    return steps.map(({ gap, value }): Sample => [(time += gap), value / 8]);
  });

const EXACT = [
  'rate',
  'increase',
  'delta',
  'resets',
  'count_over_time',
  'sum_over_time',
  'avg_over_time',
  'min_over_time',
  'max_over_time',
  'first_over_time',
  'last_over_time',
  'present_over_time',
  'ts_of_first_over_time',
  'ts_of_last_over_time',
];

describe('range functions over buckets', () => {
  it.each(EXACT)('%s gives what the samples gave, also where raw samples follow', async (name) => {
    await fc.assert(
      fc.asyncProperty(
        samplesBefore,
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: -6, max: 6 }),
        async (samples, buckets, end) => {
          const old = samples.filter(([time]) => time < UNTIL);
          const recent = samples.filter(([time]) => time >= UNTIL);
          const split = new Fixed({ ...columns(recent), rollup: rollUp(old) });
          const text = `${name}(requests_total[${buckets * 5}m])`;
          const timeMs = UNTIL + end * R;
          const expected = await answer(text, new Fixed(columns(samples)), timeMs);
          const found = await answer(text, split, timeMs);
          if (typeof expected !== 'number') expect(found).toBe(expected);
          else expect(found).toBeCloseTo(expected, 9);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('quantile_over_time is within one per cent', async () => {
    await fc.assert(
      fc.asyncProperty(samplesBefore, fc.double({ min: 0, max: 1, noNaN: true }), async (samples, q) => {
        const old = samples.filter(([time]) => time < UNTIL);
        const split = new Fixed({ ...NO_SAMPLES, rollup: rollUp(old) });
        const text = `quantile_over_time(${q}, requests_total[1h])`;
        const expected = await answer(text, new Fixed(columns(old)), UNTIL);
        const found = await answer(text, split, UNTIL);
        expect(typeof found).toBe(typeof expected);
        if (typeof expected !== 'number' || typeof found !== 'number') return;
        expect(Math.abs(found - expected)).toBeLessThanOrEqual(Math.abs(expected) * 0.0101);
      }),
      { numRuns: 100 },
    );
  });

  it('moves windows that end within a bucket back to whole ones', async () => {
    const samples = Array.from({ length: 60 }, (_, i): Sample => [UNTIL - (60 - i) * MINUTE, i * 60]);
    const split = new Fixed({ ...NO_SAMPLES, rollup: rollUp(samples) });
    const timeMs = UNTIL - 12 * MINUTE;
    const { value, infos } = await ask('rate(requests_total[17m])', split, timeMs);
    expect(value).toBeCloseTo(1, 9);
    expect(await answer('increase(requests_total[17m])', split, timeMs)).toBeCloseTo(17 * 60, 6);
    expect(infos).toEqual([
      'PromQL info: rollups of 5m were used from 2027-01-15T06:55:00Z to 2027-01-15T08:00:00Z, where samples are no longer kept; windows there begin and end with whole buckets (1:6)',
    ]);
  });

  it('refuses what needs samples, naming it and what would do', async () => {
    const split = new Fixed({ ...NO_SAMPLES, rollup: rollUp([[UNTIL - MINUTE, 1]]) });
    const refused = [
      'stddev_over_time(x[10m])',
      'deriv(x[10m])',
      'irate(x[10m])',
      'changes(x[10m])',
      'x[10m]',
    ];
    for (const text of refused) {
      await expect(engine.queryInstant({ text, queryable: split, timeMs: UNTIL }), text).rejects.toThrow(
        /needs samples, and from before 2027-01-15T08:00:00Z only rollups are kept: .* avg_over_time/,
      );
    }
    await expect(answer('deriv(x[10m])', split, UNTIL)).rejects.toBeInstanceOf(PromqlError);
    // Where no window reaches the buckets, samples are all it takes.
    const recent = Array.from({ length: 11 }, (_, i): Sample => [UNTIL + i * MINUTE, i]);
    const both = new Fixed({ ...columns(recent), rollup: rollUp([[UNTIL - MINUTE, 1]]) });
    expect(await answer('deriv(x[10m])', both, UNTIL + 10 * MINUTE)).toBeCloseTo(1 / 60, 9);
  });

  it('tells of ranges too short for buckets, and leaves those out', async () => {
    const split = new Fixed({ ...NO_SAMPLES, rollup: rollUp([]) });
    const { value, infos } = await ask('count_over_time(x[9m])', split, UNTIL);
    expect(value).toBeUndefined();
    expect(infos).toEqual([
      'PromQL info: samples from before 2027-01-15T08:00:00Z are kept as rollups of 5m only: use a range of at least 10m to see them (1:17)',
    ]);
  });

  it('shows the last sample of a bucket to instant selectors while it is fresh', async () => {
    const rollup = rollUp([
      [UNTIL - 9 * MINUTE, 3],
      [UNTIL - 6 * MINUTE, 4],
    ]);
    const split = new Fixed({ ...NO_SAMPLES, rollup });
    const { value, infos } = await ask('x', split, UNTIL - 2 * MINUTE);
    expect(value).toBe(4);
    expect(infos).toEqual([expect.stringContaining('the last sample of each bucket is seen there (1:1)')]);
    expect(await answer('timestamp(x)', split, UNTIL - 2 * MINUTE)).toBe((UNTIL - 6 * MINUTE) / 1000);
    expect(await answer('x', split, UNTIL)).toBeUndefined();
    const ended = { ...rollup, staleTimes: Float64Array.of(UNTIL - 5 * MINUTE) };
    expect(
      await answer('x', new Fixed({ ...NO_SAMPLES, rollup: ended }), UNTIL - 2 * MINUTE),
    ).toBeUndefined();
    expect(await answer('max_over_time(x[1h:1m])', split, UNTIL)).toBe(4);
  });

  it('asks for windows as they lie, so that a store may take greater buckets', async () => {
    const store = new Fixed(NO_SAMPLES);
    await engine.queryRange({
      text: 'rate(x[1h])',
      queryable: store,
      startMs: UNTIL,
      endMs: UNTIL + 2 * R,
      stepMs: R,
    });
    expect(store.requests).toMatchObject([
      { rollups: true, rangeMs: 12 * R, windows: { firstMs: UNTIL, stepMs: R, count: 3 } },
    ]);
  });
});

describe('the sketch', () => {
  it('has each value within one per cent, and keeps their order', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        const near = sketchValue(sketchKey(a));
        // Below the normal numbers a double itself is not as exact.
        if (Number.isFinite(a) && Math.abs(a) > 1e-300) {
          expect(Math.abs(near - a)).toBeLessThanOrEqual(Math.abs(a) * 0.010_001);
        } else if (!Number.isFinite(a)) expect(near).toBe(a);
        if (a <= b) expect(sketchKey(a)).toBeLessThanOrEqual(sketchKey(b));
      }),
    );
    expect(sketchValue(sketchKey(Number.NaN))).toBeNaN();
    expect(sketchKey(-0)).toBe(sketchKey(0));
  });

  it('has no quantile of nothing', () => {
    expect(sketchQuantile(0.5, new Map())).toBeNaN();
  });
});
