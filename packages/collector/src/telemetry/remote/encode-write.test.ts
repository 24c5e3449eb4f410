import { writeStaleMarker } from '@plimsoll/proto';
import { Labels } from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';
import { decodeWriteRequest, type WriteRequest } from '../../api/remote-write/decode-write-request.ts';
import { decodeWriteRequest2 } from '../../api/remote-write/decode-write-request-2.ts';
import type { LongTermBatch } from '../long-term/long-term-engine.ts';
import { histogramText, seededHistogram } from '../testing/seeded-histogram.ts';
import { WriteEncoder } from './encode-write.ts';

const T = 1_800_000_000_000;

/** Series in turns, a time that goes back, one repeated label set, special values. */
function batch(): LongTermBatch {
  const values = Float64Array.of(1, 2.5, -0, Number.NaN, Infinity, 1e-300, 7);
  writeStaleMarker(values, 3);
  return {
    refs: Uint32Array.of(0, 1, 0, 1, 0, 2, 0),
    timestampsMs: Float64Array.of(T, T, T + 2000, T + 1, T + 1000, 0, T + 2000),
    values,
    labels: [
      Labels.of({ __name__: 'requests_total', path: '/ä?"\\', instance: 'a' }),
      Labels.of({ __name__: 'load1', instance: 'a' }),
      Labels.of({ __name__: 'long', text: 'x'.repeat(3000) }),
      Labels.of({ __name__: 'without_samples' }),
    ],
    metadata: [
      { family: 'load1', type: 'gauge', help: 'The load.', unit: '' },
      { family: 'requests_total', type: 'counter', help: '', unit: 'requests' },
    ],
  };
}

function readable({ series }: WriteRequest) {
  return series.map(({ labels, timestampsMs, values }) => ({
    labels: Object.fromEntries(
      labels.flatMap((part, i) => (i % 2 === 0 ? [[part, labels[i + 1] ?? '']] : [])),
    ) as Record<string, string>,
    samples: timestampsMs.map((at, i) => [at, values[i]]),
  }));
}

describe.each([
  ['1.0', (encoder: WriteEncoder) => decodeWriteRequest(encoder.encode1(batch()))],
  ['2.0', (encoder: WriteEncoder) => decodeWriteRequest2(encoder.encode2(batch()))],
])('a remote write %s request', (_, roundTrip) => {
  it('has each series once with its samples in ascending time', () => {
    const encoder = new WriteEncoder();
    roundTrip(encoder);
    // The second time, label sets come from the cache.
    const request = roundTrip(encoder);
    const { labels } = batch();
    expect(readable(request)).toEqual([
      {
        labels: labels[0]?.toRecord(),
        samples: [
          [T, 1],
          [T + 1000, Infinity],
          [T + 2000, -0],
          [T + 2000, 7],
        ],
      },
      {
        labels: labels[1]?.toRecord(),
        samples: [
          [T, 2.5],
          [T + 1, 'stale'],
        ],
      },
      { labels: labels[2]?.toRecord(), samples: [[0, 1e-300]] },
    ]);
  });

  it('says what is known of its families', () => {
    const byFamily = new Map(roundTrip(new WriteEncoder()).metadata.map((family) => [family.family, family]));
    for (const family of batch().metadata) expect(byFamily.get(family.family)).toEqual(family);
  });
});

function written({ series }: WriteRequest) {
  return series.map(({ timestampsMs, startTimestampsMs = [], histograms }) => [
    timestampsMs.map((at, i) => [at, startTimestampsMs[i] ?? 0]),
    histograms.map(({ timestampMs, startTimestampMs, content }) => [
      timestampMs,
      startTimestampMs,
      typeof content === 'object' && 'schema' in content ? histogramText(content) : content,
    ]),
  ]);
}

describe('native histograms and start timestamps', () => {
  const [one, two] = [seededHistogram(4), seededHistogram(5)];
  const mixed: LongTermBatch = {
    refs: Uint32Array.of(0, 0, 0, 0),
    timestampsMs: Float64Array.of(T, T + 1, T + 2, T + 3),
    values: Float64Array.of(1, 0, 0, 4),
    histograms: [undefined, one, two],
    startTimestampsMs: Float64Array.of(T - 9, 0, T - 9, 0),
    labels: [Labels.of({ __name__: 'h' })],
    metadata: [],
  };
  it('are in messages of their own, in the order of time', () => {
    expect(written(decodeWriteRequest2(new WriteEncoder().encode2(mixed)))).toEqual([
      [[[T, T - 9]], []],
      [
        [],
        [
          [T + 1, 0, histogramText(one)],
          [T + 2, T - 9, histogramText(two)],
        ],
      ],
      [[[T + 3, 0]], []],
    ]);
  });

  it('go without the start in version 1, which has none', () => {
    expect(written(decodeWriteRequest(new WriteEncoder().encode1(mixed)))).toEqual([
      [[[T, 0]], []],
      [
        [],
        [
          [T + 1, 0, histogramText(one)],
          [T + 2, 0, histogramText(two)],
        ],
      ],
      [[[T + 3, 0]], []],
    ]);
  });
});
