import { Labels, setStaleMarker, type SeriesColumns } from '@plimsoll/promql';
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
