import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PADDING_BYTES } from './padded-bytes.ts';
import { decodeRice, encodeRice } from './rice.ts';

/** Residuals of a series that stands still, moves a little, jumps, or leaps. */
const residual = fc.oneof(
  { weight: 60, arbitrary: fc.constant(0) },
  { weight: 20, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 6, arbitrary: fc.integer({ min: -40, max: 40 }) },
  { weight: 2, arbitrary: fc.integer() },
  { weight: 1, arbitrary: fc.maxSafeInteger().map((value) => Math.trunc(value / 2)) },
);

function decoded(residuals: readonly number[]): number[] {
  const code = encodeRice(Float64Array.from(residuals), residuals.length);
  const padded = new Uint8Array(code.length + PADDING_BYTES);
  padded.set(code);
  // What lies behind the code must not matter.
  padded.fill(0xff, code.length);
  const out = new Float64Array(residuals.length);
  decodeRice(new DataView(padded.buffer), 0, residuals.length, out, 0);
  return [...out];
}

describe('Rice codes', () => {
  it('give back residuals of any size in any order', () => {
    fc.assert(
      fc.property(fc.array(residual, { minLength: 1, maxLength: 400 }), (residuals) => {
        expect(decoded(residuals)).toEqual(residuals.map((value) => value + 0));
      }),
      { numRuns: 500 },
    );
  });

  it.each([0, 1, -1, 7])('give back a leap behind steps of %d', (step) => {
    for (let leap = 1; leap < 2 ** 40; leap = leap * 2 + 1) {
      for (let at = 0; at < 8; at++) {
        const residuals = Array.from({ length: 128 }, (_, i) =>
          i === 64 + at ? leap : i % 2 === 0 ? 0 : step,
        );
        expect(decoded(residuals)).toEqual(residuals);
      }
    }
  });
});
