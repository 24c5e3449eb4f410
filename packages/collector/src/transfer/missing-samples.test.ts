import { FloatHistogram, Labels, setStaleMarker, type SeriesColumns } from '@plimsoll/promql';
import { expect, it } from 'vitest';
import { findMissing } from './missing-samples.ts';

function columns(name: string, samples: Readonly<Record<number, number>>): SeriesColumns {
  return {
    labels: Labels.of({ __name__: name }),
    timestamps: Float64Array.from(Object.keys(samples), Number),
    values: Float64Array.from(Object.values(samples)),
  };
}

const found = (...series: readonly SeriesColumns[]) =>
  new Map(series.map((one) => [one.labels.key, one] as const));

it('tells what is missing, what is there and what differs', () => {
  const wanted = [
    columns('a', { 1: 10, 2: 20, 3: 30, 5: 50 }),
    columns('b', { 1: 1 }),
    columns('c', { 9: 9 }),
  ];
  const comparison = findMissing(
    wanted,
    found(columns('a', { 0: 0, 2: 20, 3: 31, 4: 4 }), columns('c', { 9: 9 })),
  );
  expect(comparison).toEqual({
    missing: [columns('a', { 1: 10, 5: 50 }), columns('b', { 1: 1 })],
    presentSamples: 2,
    differentSamples: 1,
    otherStarts: 0,
    different: [{ labels: Labels.of({ __name__: 'a' }), timestampMs: 3, wanted: 30, found: 31 }],
  });
});

it('compares bit for bit, but takes one stale marker for another', () => {
  const zero = findMissing([columns('a', { 1: 0 })], found(columns('a', { 1: -0 })));
  expect(zero.differentSamples).toBe(1);
  const nan = findMissing([columns('a', { 1: Number.NaN })], found(columns('a', { 1: Number.NaN })));
  expect(nan.presentSamples).toBe(1);
  const stale = columns('a', { 1: 0 });
  setStaleMarker(stale.values, 0);
  const quiet = { ...stale, values: new Float64Array(BigUint64Array.of(0x7ff8_0000_0000_0002n).buffer) };
  expect(findMissing([stale], found(quiet)).presentSamples).toBe(1);
  expect(findMissing([stale], found(columns('a', { 1: Number.NaN }))).differentSamples).toBe(1);
});

/** A histogram of one sample, all of it in the bucket 2 where that is among these. */
function histogram(count: number, startMs: number, ...indexes: number[]): SeriesColumns {
  const counts = Float64Array.from(indexes, (index) => (index === 2 ? count : 0));
  return {
    ...columns('h', { 1: 0 }),
    histograms: [new FloatHistogram({ count, positive: { indexes, counts } })],
    startTimestamps: Float64Array.of(startMs),
  };
}

it('compares histograms by what is in their buckets, and tells of other start timestamps', () => {
  const wanted = histogram(5, 9, 2);
  const same = { presentSamples: 1, differentSamples: 0 };
  expect(findMissing([wanted], found(histogram(5, 9, 1, 2, 3)))).toMatchObject({ ...same, otherStarts: 0 });
  expect(findMissing([wanted], found(histogram(5, 0, 2)))).toMatchObject({ ...same, otherStarts: 1 });
  for (const other of [histogram(6, 9, 2), histogram(5, 9, 3), columns('h', { 1: 0 })]) {
    expect(findMissing([wanted], found(other))).toMatchObject({ presentSamples: 0, differentSamples: 1 });
  }
  expect(findMissing([wanted], found(histogram(6, 9, 2))).different).toMatchObject([
    { wanted: expect.stringContaining('count:5'), found: expect.stringContaining('count:6') },
  ]);
});
