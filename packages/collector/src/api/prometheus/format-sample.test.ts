import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatExponent, formatSample, formatTimestamp } from './format-sample.ts';

describe('formatSample', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [-1.5, '-1.5'],
    [0.1, '0.1'],
    [1e-6, '0.000001'],
    [1.5e-7, '1.5e-07'],
    [5e-324, '5e-324'],
    [1e20, '100000000000000000000'],
    [1e21, '1e+21'],
    [-1.7976931348623157e308, '-1.7976931348623157e+308'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [NaN, 'NaN'],
  ])('writes %d as %s', (value, text) => {
    expect(formatSample(value)).toBe(text);
  });

  it('reads back as the same double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Object.is(Number(formatSample(value)), value)).toBe(true);
      }),
    );
  });
});

describe('formatExponent', () => {
  it.each([
    [0, '0e+00'],
    [1.5, '1.5e+00'],
    [-123, '-1.23e+02'],
    [1e-9, '1e-09'],
    [1e100, '1e+100'],
    [NaN, 'NaN'],
  ])('writes %d as %s', (value, text) => {
    expect(formatExponent(value)).toBe(text);
  });
});

describe('formatTimestamp', () => {
  it.each([
    [1_700_000_000_000, '1700000000'],
    [1_700_000_000_500, '1700000000.500'],
    [1_700_000_000_007, '1700000000.007'],
    [-1, '-0.001'],
    [0, '0'],
  ])('writes %d ms as %s', (timestampMs, text) => {
    expect(formatTimestamp(timestampMs)).toBe(text);
  });
});
