import { isNoSample, writeNoSample, writeStaleMarker } from '@plimsoll/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../byte-writer.ts';
import { encodeFrameBlock, encodeLooseBlock, parseBlock, readTimeline } from './block-codec.ts';
import { decodeColumn, decodeWholeColumn, encodeColumn } from './column-codec.ts';

function bits(values: Float64Array): string[] {
  const words = new Uint32Array(values.slice().buffer);
  return Array.from(words, (word) => word.toString(16));
}

function roundTrip(
  values: Float64Array,
  hint = 0,
): { readonly decoded: Float64Array; readonly bytes: number } {
  const out = new ByteWriter();
  encodeColumn(out, values, values.length, hint);
  const decoded = new Float64Array(values.length + 2);
  decodeWholeColumn(out.written().slice(), values.length, decoded, 1);
  return { decoded: decoded.slice(1, -1), bytes: out.length };
}

/** A double with any bits, from a list of kinds that meet in practice. */
const anyDouble = fc.oneof(
  fc.double(),
  fc.integer({ min: -100_000, max: 100_000 }).map((n) => n / 100),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, 1e22),
);

function withMarkers(
  values: readonly number[],
  markers: readonly (readonly [number, boolean])[],
): Float64Array {
  const column = Float64Array.from(values);
  for (const [at, stale] of markers) {
    if (column.length === 0) break;
    if (stale) writeStaleMarker(column, at % column.length);
    else writeNoSample(column, at % column.length);
  }
  return column;
}

/** Few decimals at any size: what stands on a scale alone may not beside another. */
const decimal = fc
  .tuple(
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    fc.integer({ min: -6, max: 8 }),
    fc.constantFrom(1, 4, 8, 10),
  )
  .map(([digits, exponent, divisor]) => (digits * 10 ** exponent) / divisor)
  .filter((value) => !Object.is(value, -0));

describe('column codec', () => {
  it('gives back large whole numbers beside small decimals', () => {
    for (const values of [
      [212_310_901_144_187, 5.25],
      [999_999_999_999_999, 0.01, 0.02],
      [565, 21_465_772_508, -498_942_979.245082],
    ])
      expect([...roundTrip(Float64Array.from(values)).decoded]).toEqual(values);
    fc.assert(
      fc.property(fc.array(decimal, { minLength: 1, maxLength: 6 }), fc.nat(12), (values, hint) => {
        expect([...roundTrip(Float64Array.from(values), hint).decoded]).toEqual(values);
      }),
      { numRuns: 5000 },
    );
  });

  it('gives back any doubles bit for bit, markers included', () => {
    const markers = fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 8 });
    fc.assert(
      fc.property(
        fc.array(anyDouble, { minLength: 1, maxLength: 400 }),
        markers,
        fc.nat(12),
        (values, at, hint) => {
          const column = withMarkers(values, at);
          expect(bits(roundTrip(column, hint).decoded)).toEqual(bits(column));
        },
      ),
    );
  });

  it('gives back walks of integers with steps of any size', () => {
    const step = fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.integer(),
      fc.integer({ min: -(2 ** 48), max: 2 ** 48 }),
    );
    const walk = fc.tuple(
      fc.array(step, { minLength: 1, maxLength: 300 }),
      fc.constantFrom(1, 4096, 0.01, 1e-6),
    );
    fc.assert(
      fc.property(walk, ([steps, unit]) => {
        let at = 0;
        const column = Float64Array.from(steps, (size) => (at = (at + size) % 2 ** 50) * unit);
        expect(bits(roundTrip(column).decoded)).toEqual(bits(column));
      }),
    );
  });

  it('spends a few bytes on constants, clocks and gaps', () => {
    const gaps = new Float64Array(700).fill(5);
    for (let i = 0; i < 700; i += 2) writeNoSample(gaps, i);
    expect(roundTrip(new Float64Array(700).fill(17.25)).bytes).toBeLessThan(6);
    expect(roundTrip(new Float64Array(700).fill(Math.PI)).bytes).toBeLessThan(10);
    expect(roundTrip(Float64Array.from({ length: 700 }, (_, i) => 1.7e12 + i * 10_000)).bytes).toBeLessThan(
      20,
    );
    const nothing = roundTrip(
      withMarkers(
        [1, 2],
        [
          [0, false],
          [1, false],
        ],
      ),
    );
    expect(nothing.bytes).toBe(0);
    expect(nothing.decoded.every(isNoSample)).toBe(true);
  });
});

describe('block codec', () => {
  it('gives back frames with their times, order and columns', () => {
    const refs = Uint32Array.of(7, 8, 9, 3, 0xffff_ffff, 1_000_000, 11, 12, 13, 14);
    const rowIndexes = Uint32Array.of(2, 0);
    const out = new ByteWriter();
    const values = Float64Array.from({ length: 3 * refs.length }, (_, i) => i / 4);
    encodeFrameBlock(
      out,
      {
        agentId: 'agent',
        refs,
        timestamps: Float64Array.of(1000, 2000),
        epochs: Float64Array.of(50, 50),
        sequences: Float64Array.of(4, 9),
        values,
        rowIndexes,
      },
      new Uint8Array(refs.length),
    );
    const block = parseBlock(out.written());
    if (block.kind !== 'frames') throw new Error('wrong kind');
    expect(block.agentId).toBe('agent');
    expect(block.refs).toEqual(refs);
    expect(readTimeline(block.timelineBytes)).toEqual({
      timestamps: Float64Array.of(1000, 2000),
      epochs: Float64Array.of(50, 50),
      sequences: Float64Array.of(4, 9),
    });
    refs.forEach((_, slot) => {
      const column = new Float64Array(2);
      decodeColumn(block.source, block.ends[slot] ?? 0, block.ends[slot + 1] ?? 0, 2, column, 0);
      expect([...column]).toEqual([values[20 + slot], values[slot]]);
    });
  });

  it('gives back series with times of their own', () => {
    const out = new ByteWriter();
    encodeLooseBlock(out, {
      refs: Uint32Array.of(4, 90),
      counts: Uint32Array.of(1, 3),
      timestamps: Float64Array.of(5, 1, 2, 8),
      values: Float64Array.of(0.5, 1, 2, 3),
      details: null,
    });
    const block = parseBlock(out.written());
    if (block.kind !== 'loose') throw new Error('wrong kind');
    const times = new Float64Array(3);
    const column = new Float64Array(3);
    const [, , , start = 0, middle = 0, end = 0] = block.ends;
    decodeColumn(block.source, start, middle, 3, times, 0);
    decodeColumn(block.source, middle, end, 3, column, 0);
    expect([[...block.refs], [...block.counts], [...times], [...column]]).toEqual([
      [4, 90],
      [1, 3],
      [1, 2, 8],
      [1, 2, 3],
    ]);
  });
});
