import { Labels } from '@plimsoll/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { familyHead, seriesText, textFamilies, timestampText, valueText } from './open-metrics-text.ts';

describe('OpenMetrics text', () => {
  it('writes times that readers who cut off find at their millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 42), max: 2 ** 42 }), (timestampMs) => {
        const seconds = Number(timestampText(timestampMs));
        expect(Math.trunc(seconds * 1000)).toBe(timestampMs);
        expect(Math.round(seconds * 1000)).toBe(timestampMs);
      }),
      { numRuns: 5_000 },
    );
    expect(timestampText(1_700_000_000_000)).toBe('1700000000');
    expect(timestampText(1_700_000_000_125)).toBe('1700000000.125');
  });

  it('writes values with all their digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(valueText(value))).toBe(value);
      }),
    );
    expect([Infinity, -Infinity, -0, Number.NaN].map(valueText)).toEqual(['+Inf', '-Inf', '-0', 'NaN']);
  });

  it('escapes label values and quotes names beyond the classic ones', () => {
    const labels = Labels.of({ __name__: 'a', b: 'x"y\\z\nw', c: 'ü' });
    expect(seriesText(labels)).toBe(String.raw`a{b="x\"y\\z\nw",c="ü"}`);
    expect(seriesText(Labels.of({ __name__: 'a' }))).toBe('a');
    expect(seriesText(Labels.of({ __name__: 'a.b', 'c.d': '1' }))).toBe('{"a.b","c.d"="1"}');
  });

  it('names families as the format wants it', () => {
    const families = textFamilies(
      ['size_bytes', 'x_total', 'y', 'y_total', 'z_bucket'],
      [
        { family: 'size_bytes', type: 'gauge', help: 'a\nb', unit: 'bytes' },
        { family: 'x_total', type: 'counter', help: '', unit: '' },
        { family: 'y', type: 'counter', help: '', unit: 'seconds' },
        { family: 'z', type: 'histogram', help: '', unit: '' },
      ],
    );
    expect(families.map(({ name, family, type }) => [name, family, type])).toEqual([
      ['size_bytes', 'size_bytes', 'gauge'],
      ['x_total', 'x', 'counter'],
      // A family of this name is there already.
      ['y', 'y', 'unknown'],
      ['y_total', 'y_total', 'unknown'],
      ['z_bucket', 'z_bucket', 'unknown'],
    ]);
    expect(families[0] && familyHead(families[0])).toBe(
      '# TYPE size_bytes gauge\n# UNIT size_bytes bytes\n# HELP size_bytes a\\nb\n',
    );
  });
});
