import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeXorChunk } from '../../api/remote-read/encode-xor-chunk.ts';
import { decodeXorChunk } from './decode-xor-chunk.ts';

const bitsOf = (values: Float64Array): bigint[] => [...new BigUint64Array(values.slice().buffer)];

const value = fc.oneof(
  fc.double(),
  fc.integer({ min: -1000, max: 1000 }),
  fc.constantFrom(0, -0, Infinity, -Infinity, Number.NaN),
);

it('reads back what is encoded, times of any distance and values of any bits', () => {
  const sample = fc.tuple(fc.oneof(fc.nat(20), fc.nat(200_000), fc.nat(2 ** 40)), value);
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 130 }), fc.integer(), (samples, start) => {
      let time = start;
      const timestamps = Float64Array.from(samples, ([step]) => (time += step + 1));
      const values = Float64Array.from(samples, ([, number]) => number);
      const read = decodeXorChunk(encodeXorChunk(timestamps, values, 0, timestamps.length));
      expect([...read.timestamps]).toEqual([...timestamps]);
      expect(bitsOf(read.values)).toEqual(bitsOf(values));
    }),
    { numRuns: 300 },
  );
});

it('keeps a stale marker', () => {
  const values = new Float64Array(BigUint64Array.of(0n, 0x7ff0_0000_0000_0002n, 1n).buffer);
  const chunk = encodeXorChunk(Float64Array.of(1, 2, 3), values, 0, 3);
  expect(bitsOf(decodeXorChunk(chunk).values)).toEqual(bitsOf(values));
});

it('refuses any part of a chunk, and any bytes, without hanging', () => {
  const whole = encodeXorChunk(Float64Array.of(1, 20_000, 3e9), Float64Array.of(1, 2.5, 1e300), 0, 3);
  for (let size = 0; size < whole.length - 1; size++) {
    expect(() => decodeXorChunk(whole.subarray(0, size))).toThrow(/ends early/);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      try {
        decodeXorChunk(bytes);
      } catch (error) {
        expect(error).toMatchObject({ name: 'ProtoError' });
      }
    }),
  );
});
