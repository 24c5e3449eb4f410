import { isStaleMarker, writeStaleMarker } from '@plimsoll/proto';
import { type FloatHistogram, Labels, type SeriesColumns } from '@plimsoll/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeChunkedResponse } from '../../api/remote-read/encode-chunked-response.ts';
import { encodeHistogramChunk } from '../../api/remote-read/encode-histogram-chunk.ts';
import { encodeXor2Chunk } from '../../api/remote-read/encode-xor-chunk.ts';
import { joinSamples } from '../long-term/join-samples.ts';
import type { SampleRun } from '../sample-run.ts';
import { histogramText, seededHistogram } from '../testing/seeded-histogram.ts';
import { decodeHistogramChunk } from './decode-histogram-chunk.ts';
import { decodeXor2Chunk } from './decode-xor-chunk.ts';
import { decodeChunkedResponse } from './read-protocol.ts';

interface Sample {
  readonly step: number;
  readonly value: number | 'stale' | FloatHistogram;
  readonly startMs: number;
}

const histogram = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 400 }))
  // Often one that goes on with the buckets of the one before.
  .map(([seed, factor]) =>
    seededHistogram(seed)
      .multiply(factor)
      .withHint(seed % 7 === 0 ? 'gauge' : 'not_reset'),
  );

const sample: fc.Arbitrary<Sample> = fc.record({
  step: fc.oneof(fc.constant(15_000), fc.integer({ min: 1, max: 2 ** 40 })),
  value: fc.oneof(histogram, histogram, fc.double(), fc.constantFrom(0, 1, -0, Infinity, 'stale' as const)),
  startMs: fc.constantFrom(0, 0, 1_000_000, 2_000_000, 2 ** 41),
});

function toColumns(samples: readonly Sample[]): SeriesColumns {
  let atMs = 0;
  const values = Float64Array.from(samples, ({ value }) => (typeof value === 'number' ? value : 0));
  samples.forEach(({ value }, i) => {
    if (value === 'stale') writeStaleMarker(values, i);
  });
  return {
    labels: Labels.of({ __name__: 'm' }),
    timestamps: Float64Array.from(samples, ({ step }) => (atMs += step)),
    values,
    histograms: samples.map(({ value }) => (typeof value === 'object' ? value : undefined)),
    startTimestamps: Float64Array.from(samples, ({ startMs }) => startMs),
  };
}

function plain({ timestamps, values, histograms, startTimestamps }: SampleRun, starts: boolean) {
  const bits = new BigUint64Array(values.slice().buffer);
  return Array.from(timestamps, (timestampMs, i) => {
    const here = histograms?.[i];
    const value =
      here === undefined ? (isStaleMarker(values[i] ?? 0) ? 'stale' : bits[i]) : histogramText(here);
    return [timestampMs, value, starts ? (startTimestamps?.[i] ?? 0) : 0];
  });
}

async function throughChunks(series: SeriesColumns, starts: boolean): Promise<SeriesColumns | null> {
  const runs: SampleRun[] = [];
  const frames = encodeChunkedResponse([[series]], {}, starts);
  for await (const part of decodeChunkedResponse(ReadableStream.from(frames))) runs.push(...part.samples);
  return joinSamples(series.labels, runs);
}

describe('a stream of chunks', () => {
  it.each([true, false])('brings numbers and histograms, with start timestamps: %s', async (starts) => {
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 150 }), async (samples) => {
        const series = toColumns(samples);
        const read = await throughChunks(series, starts);
        expect(read === null ? null : plain(read, starts)).toEqual(plain(series, starts));
      }),
    );
  });

  it('puts what goes on counting into one chunk, and tells where a counter was reset', async () => {
    const grown = seededHistogram(4);
    const hints = ['unknown', 'not_reset', 'not_reset', 'reset', 'not_reset'] as const;
    const series = {
      ...toColumns(hints.map(() => ({ step: 1000, value: 0, startMs: 0 }))),
      histograms: hints.map((hint, i) => grown.multiply(i + 1).withHint(hint)),
    };
    const runs: SampleRun[] = [];
    for await (const { samples } of decodeChunkedResponse(
      ReadableStream.from(encodeChunkedResponse([[series]], {})),
    )) {
      runs.push(...samples);
    }
    expect(runs.map(({ histograms = [] }) => histograms.map((each) => each?.counterResetHint))).toEqual([
      ['unknown', 'not_reset', 'not_reset'],
      ['reset', 'not_reset'],
    ]);
  });
});

describe('a chunk that is damaged', () => {
  const run = { timestamps: Float64Array.of(1e12, 2e12), startTimestamps: Float64Array.of(5, 6) };
  const whole = [4, 4].map((seed, i) =>
    seededHistogram(seed)
      .multiply(i + 1)
      .withHint('not_reset'),
  );
  const kinds = [false, true].flatMap((floats) => [false, true].map((starts) => ({ floats, starts })));

  it.each(kinds)('is refused in any part, and any bytes without hanging: %j', (kind) => {
    const histograms = kind.floats ? whole.map((each) => each.multiply(0.3)) : whole;
    const { data } = encodeHistogramChunk({ ...run, histograms }, kind.starts);
    for (let size = 3; size < data.length - 1; size++) {
      expect(() => decodeHistogramChunk(data.subarray(0, size), kind)).toThrow(/ends early/);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const decode of [(any: Uint8Array) => decodeHistogramChunk(any, kind), decodeXor2Chunk]) {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toMatchObject({ name: 'ProtoError' });
          }
        }
      }),
    );
  });

  it('is refused in any part where it is of numbers', () => {
    const columns = toColumns(
      [3, 'stale', 4].map((value, i) => ({ step: 2000, value: value as 3, startMs: i })),
    );
    const data = encodeXor2Chunk(columns, 0, 3);
    for (let size = 0; size < data.length - 1; size++) {
      expect(() => decodeXor2Chunk(data.subarray(0, size))).toThrow(/ends early/);
    }
  });
});
