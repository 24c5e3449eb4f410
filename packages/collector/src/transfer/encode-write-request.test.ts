import { Labels, setStaleMarker } from '@plimsoll/promql';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeWriteRequest } from '../api/remote-write/decode-write-request.ts';
import { encodeMetadataRequest, encodeWriteRequest } from './encode-write-request.ts';

it('writes requests that receivers read, with any time and value', () => {
  const sample = fc.tuple(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), fc.double());
  fc.assert(
    fc.property(fc.array(fc.array(sample), { maxLength: 5 }), (all) => {
      const series = all.map((samples, i) => ({
        labels: Labels.of({ __name__: 'm', number: `№${i}` }),
        timestamps: Float64Array.from(samples, ([at]) => at),
        values: Float64Array.from(samples, ([, value]) => value),
      }));
      const read = decodeWriteRequest(encodeWriteRequest(series));
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
  const message = encodeWriteRequest([{ labels: Labels.EMPTY, timestamps: Float64Array.of(1), values }]);
  expect(Buffer.from(message).includes(Buffer.from(values.buffer))).toBe(true);
});

it('writes metadata', () => {
  const families = [
    { family: 'a_total', type: 'counter', help: 'Ä.', unit: '' },
    { family: 'b', type: 'stateset', help: '', unit: 'seconds' },
  ] as const;
  expect(decodeWriteRequest(encodeMetadataRequest(families))).toEqual({ series: [], metadata: families });
});
