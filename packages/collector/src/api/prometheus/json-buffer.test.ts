import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSample, formatTimestamp } from './format-sample.ts';
import { JsonBuffer } from './json-buffer.ts';

const json = new JsonBuffer();

const decimal = fc
  .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: -3, max: 6 }))
  .map(([digits, exponent]) => Number(`${digits}e${-exponent}`));

describe('JsonBuffer', () => {
  it('writes samples as formatSample does', () => {
    const any = fc.oneof(
      fc.double(),
      decimal,
      decimal.map((value) => value * 1.1),
      fc.maxSafeInteger(),
      fc.constantFrom(-0, 0, 1e15, 1e15 - 1, 999_999_999, 1e9, 1e-4, 0.00015, 99_999_999_999.9999, -0.5),
    );
    fc.assert(
      fc.property(any, (value) => {
        expect(Buffer.from(json.begin().sample(value).finish()).toString()).toBe(`"${formatSample(value)}"`);
      }),
      { numRuns: 2000 },
    );
  });

  it('writes timestamps as formatTimestamp does', () => {
    fc.assert(
      fc.property(fc.integer({ min: -4e12, max: 4e12 }), (timestampMs) => {
        expect(Buffer.from(json.begin().timestamp(timestampMs).finish()).toString()).toBe(
          formatTimestamp(timestampMs),
        );
      }),
    );
    for (const timestampMs of [0, 1, -1, 1000, 1_700_000_000_000, 1_700_000_000_040, 1_700_000_000_100])
      expect(Buffer.from(json.begin().timestamp(timestampMs).finish()).toString()).toBe(
        formatTimestamp(timestampMs),
      );
  });

  it('grows with its text', () => {
    const text = 'é'.repeat(100_000);
    expect(Buffer.from(json.begin().text('a').text(text).byte(0x62).finish()).toString()).toBe(`a${text}b`);
    expect(Buffer.from(json.begin().text('c').finish()).toString()).toBe('c');
  });
});
