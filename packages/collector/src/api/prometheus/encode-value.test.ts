import { FloatHistogram, Labels } from '@plimsoll/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeValue } from './encode-value.ts';
import { JsonBuffer } from './json-buffer.ts';

function decode(value: Parameters<typeof encodeValue>[1]) {
  const json = new JsonBuffer().begin().text('{');
  encodeValue(json, value);
  return JSON.parse(Buffer.from(json.text('}').finish()).toString());
}

describe('encodeValue', () => {
  it('is JSON that reads back, whatever the labels, times and values', () => {
    const sample = fc.record({
      labels: fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 })),
      points: fc.array(fc.tuple(fc.integer({ min: -1e12, max: 4e12 }), fc.double()), { minLength: 1 }),
    });
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        const series = samples.map(({ labels, points }) => ({
          labels: Labels.of(labels),
          timestamps: Float64Array.from(points, ([time]) => time),
          values: Float64Array.from(points, ([, value]) => value),
        }));
        const { result } = decode({ type: 'matrix', series });
        expect(result).toHaveLength(samples.length);
        for (const [index, { labels, points }] of samples.entries()) {
          expect(result[index].metric).toEqual(Labels.of(labels).toRecord());
          for (const [at, [time, value]] of points.entries()) {
            const [seconds, text] = result[index].values[at];
            expect(seconds).toBeCloseTo(time / 1000, 3);
            expect(Number(text.replace('Inf', 'Infinity'))).toBe(value);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('writes native histograms with the rule of their bounds, without empty buckets', () => {
    const histogram = new FloatHistogram({
      schema: 0,
      count: 12.5,
      sum: 42.1,
      zeroThreshold: 0.001,
      zeroCount: 2,
      positive: { indexes: [0, 1, 2], counts: Float64Array.of(3, 0, 4) },
      negative: { indexes: [1], counts: Float64Array.of(3.5) },
    });
    const labels = [Labels.of({ __name__: 'h' })];
    expect(
      decode({ type: 'vector', timeMs: 1_500, labels, values: Float64Array.of(0), histograms: [histogram] }),
    ).toEqual({
      resultType: 'vector',
      result: [
        {
          metric: { __name__: 'h' },
          histogram: [
            1.5,
            {
              count: '12.5',
              sum: '42.1',
              buckets: [
                [1, '-2', '-1', '3.5'],
                [3, '-0.001', '0.001', '2'],
                [0, '0.5', '1', '3'],
                [0, '2', '4', '4'],
              ],
            },
          ],
        },
      ],
    });
  });
});
