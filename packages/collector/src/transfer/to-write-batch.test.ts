import { Labels, setStaleMarker } from '@plimsoll/promql';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeWriteRequest } from '../api/remote-write/decode-write-request.ts';
import { WriteEncoder } from '../telemetry/remote/encode-write.ts';
import { toWriteBatch } from './to-write-batch.ts';

it('writes requests that receivers read, with any time and value', () => {
  const sample = fc.tuple(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), fc.double());
  fc.assert(
    fc.property(fc.array(fc.array(sample, { minLength: 1 }), { maxLength: 5 }), (all) => {
      const series = all.map((samples, i) => {
        const ordered = samples.toSorted(([a], [b]) => a - b);
        return {
          labels: Labels.of({ __name__: 'm', number: `№${i}` }),
          timestamps: Float64Array.from(ordered, ([at]) => at),
          values: Float64Array.from(ordered, ([, value]) => value),
        };
      });
      const read = decodeWriteRequest(new WriteEncoder().encode1(toWriteBatch(series)));
      expect(read.series).toEqual(
        series.map(({ labels, timestamps, values }) => ({
          labels: labels.pairs,
          timestampsMs: [...timestamps],
          values: [...values],
          histograms: [],
        })),
      );
    }),
  );
});

it('keeps the bits of a stale marker', () => {
  const values = Float64Array.of(0);
  setStaleMarker(values, 0);
  const series = [{ labels: Labels.EMPTY, timestamps: Float64Array.of(1), values }];
  const message = new WriteEncoder().encode1(toWriteBatch(series));
  expect(Buffer.from(message).includes(Buffer.from(values.buffer))).toBe(true);
});

it('writes metadata', () => {
  const families = [
    { family: 'a_total', type: 'counter', help: 'Ä.', unit: '' },
    { family: 'b', type: 'stateset', help: '', unit: 'seconds' },
  ] as const;
  expect(decodeWriteRequest(new WriteEncoder().encode1(toWriteBatch([], families)))).toEqual({
    series: [],
    metadata: families,
  });
});
