import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DurationError, formatDuration, parseDuration } from './duration.ts';
import {
  formatGoFloat,
  formatGoGeneral,
  formatGoTwoDigits,
  parseGoFloat,
  parseGoNumber,
} from './go-number.ts';
import { quoteGo, unquoteGo } from './go-quote.ts';

describe('durations', () => {
  it.each([
    ['1h30m', 5_400_000],
    ['90s', 90_000],
    ['1y2w3d', (365 + 14 + 3) * 86_400_000],
    ['250ms', 250],
    ['0', 0],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '5', '1m1h', '1x', '-1s', '5m5m', '9999999y'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(DurationError);
  });

  it('writes what reads back the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9e12 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('numbers', () => {
  it.each([
    [1e21, '1000000000000000000000', '1e+21'],
    [1e-7, '0.0000001', '1e-07'],
    [123456.5, '123456.5', '123456.5'],
    [1234567, '1234567', '1.234567e+06'],
    [-0, '-0', '-0'],
    [Number.NaN, 'NaN', 'NaN'],
    [-Infinity, '-Inf', '-Inf'],
  ])('writes %d', (value, plain, general) => {
    expect(formatGoFloat(value)).toBe(plain);
    expect(formatGoGeneral(value)).toBe(general);
  });

  it.each([
    [0.14159, '0.14'],
    [165, '1.6e+02'],
    [175, '1.8e+02'],
    [99.6, '1e+02'],
    [0.00001234, '1.2e-05'],
    [2, '2'],
  ])('writes %d with two digits', (value, text) => {
    expect(formatGoTwoDigits(value)).toBe(text);
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(parseGoFloat(formatGoFloat(value))).toBe(value);
        expect(parseGoFloat(formatGoGeneral(value))).toBe(value);
      }),
    );
  });

  it('knows the bases of Go', () => {
    expect([
      parseGoNumber('0x1f'),
      parseGoNumber('017'),
      parseGoNumber('0b101'),
      parseGoNumber('0o17'),
    ]).toEqual([31, 15, 5, 15]);
    expect(parseGoNumber('0x1p4')).toBe(16);
    expect(parseGoNumber('09')).toBe(9);
    expect(parseGoNumber('x')).toBeUndefined();
  });
});

describe('strings', () => {
  it('reads what it writes, bytes that are no UTF-8 included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const wellFormed = text.toWellFormed();
        expect(unquoteGo(quoteGo(wellFormed))).toBe(wellFormed);
      }),
    );
    expect(quoteGo(unquoteGo(String.raw`"a\xffb"`))).toBe(String.raw`"a\xffb"`);
  });
});
