import { writeStaleMarker } from '@plimsoll/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../byte-writer.ts';
import { decodeBuckets, encodeBuckets } from './bucket-codec.ts';
import { BUCKET_FIELDS, type BucketField, Buckets } from './buckets.ts';
import { coarsenBuckets } from './coarsen-buckets.ts';
import { rollUpSamples } from './roll-up-samples.ts';

const DAY = 1_799_971_200_000;
const FIVE_MINUTES = 300_000;
const HOUR = 3_600_000;

const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 40 }).map((each) => each / 4) },
  { weight: 4, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.constant('stale' as const) },
);
const samples = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 900_000 }), value }), { minLength: 1, maxLength: 90 })
  .map((steps) => {
    let time = DAY - 1;
    const timestamps = Float64Array.from(steps, ({ gap }) => (time += gap));
    const values = Float64Array.from(steps, (each) => (each.value === 'stale' ? 0 : each.value));
    steps.forEach((each, i) => each.value === 'stale' && writeStaleMarker(values, i));
    return { timestamps, values };
  });

function rowsOf(buckets: Buckets, fields: readonly BucketField[] = BUCKET_FIELDS): unknown[] {
  return Array.from({ length: buckets.length }, (_, row) => ({
    ...Object.fromEntries(fields.map((field) => [field, buckets[field][row]])),
    keys: buckets.keys.slice(buckets.binEnds[row - 1] ?? 0, buckets.binEnds[row]),
    bins: buckets.binCounts.slice(buckets.binEnds[row - 1] ?? 0, buckets.binEnds[row]),
  }));
}

describe('buckets', () => {
  it('come back from their encoding as they were', () => {
    fc.assert(
      fc.property(samples, fc.constantFrom(FIVE_MINUTES, HOUR), (columns, resolutionMs) => {
        const buckets = new Buckets(300);
        rollUpSamples(columns, resolutionMs, buckets);
        const out = new ByteWriter();
        encodeBuckets(out, buckets, DAY, resolutionMs);
        const decoded = new Buckets(300);
        decodeBuckets(out.written().slice(), DAY, resolutionMs, 'sketches', decoded);
        expect(rowsOf(decoded)).toEqual(rowsOf(buckets));
      }),
      { numRuns: 300 },
    );
  });

  it('are the same whether made of samples or of smaller ones', () => {
    fc.assert(
      fc.property(samples, (columns) => {
        const finite = columns.values.every((each) => !(Math.abs(each) > 1e100));
        const [fine, coarse, direct] = [new Buckets(300), new Buckets(30), new Buckets(30)];
        rollUpSamples(columns, FIVE_MINUTES, fine);
        coarsenBuckets(fine, HOUR, coarse);
        rollUpSamples(columns, HOUR, direct);
        expect(coarse.length).toBe(direct.length);
        // The order of additions differs: beyond the range of doubles, or where all cancels out, so do sums.
        const same = BUCKET_FIELDS.filter((field) => field !== 'sums' && field !== 'dropped');
        expect(rowsOf(coarse, same)).toEqual(rowsOf(direct, same));
        if (!finite) return;
        for (let i = 0; i < direct.length; i++) {
          const scale = Math.max(...columns.values.filter(Number.isFinite).map(Math.abs), 0);
          if (Number.isNaN(direct.sums[i])) expect(coarse.sums[i]).toBeNaN();
          else
            expect(Math.abs((coarse.sums[i] ?? 0) - (direct.sums[i] ?? 0))).toBeLessThanOrEqual(
              scale * 1e-12,
            );
        }
      }),
      { numRuns: 300 },
    );
  });
});
