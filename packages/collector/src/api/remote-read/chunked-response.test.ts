import { writeStaleMarker } from '@plimsoll/proto';
import { Labels } from '@plimsoll/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtoReader } from '../remote-write/proto-reader.ts';
import { crc32c } from './crc32c.ts';
import { encodeChunkedResponse } from './encode-chunked-response.ts';
import { encodeXorChunk } from './encode-xor-chunk.ts';
import { decodeXorChunk } from './testing/decode-xor-chunk.ts';

/** A double's bits; all NaNs but the stale marker are one. */
function bitsOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

describe('encodeXorChunk', () => {
  it('is read back, whatever the times and values', () => {
    const step = fc.oneof(
      fc.constant(15_000),
      fc.integer({ min: 1, max: 40_000 }),
      fc.integer({ min: 1, max: 2 ** 40 }),
    );
    const value = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(0, -0, Infinity));
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 41), max: 2 ** 41 }),
        fc.array(fc.tuple(step, value), { minLength: 1, maxLength: 120 }),
        (startMs, samples) => {
          let timeMs = startMs;
          const times = samples.map(([delta]) => (timeMs += delta));
          const chunk = encodeXorChunk(
            Float64Array.from(times),
            Float64Array.from(samples, ([, each]) => each),
            0,
            samples.length,
          );
          const read = decodeXorChunk(chunk);
          expect(read.timestampsMs).toEqual(times);
          expect(read.bits).toEqual(samples.map(([, each]) => bitsOf(each)));
        },
      ),
    );
  });

  it.each([8191, 8192, 8193, 65_536, 65_537, 524_288, 524_289, -8191, -8192, -65_536, -524_288])(
    'writes a step that changes by %i',
    (change) => {
      const step = 1_000_000;
      const times = [0, step, 3 * step - step + change];
      const chunk = encodeXorChunk(Float64Array.from(times), new Float64Array(3), 0, 3);
      expect(decodeXorChunk(chunk).timestampsMs).toEqual(times);
    },
  );

  it('keeps every bit of a stale marker', () => {
    const values = new Float64Array(2);
    writeStaleMarker(values, 1);
    const { bits } = decodeXorChunk(encodeXorChunk(Float64Array.of(1, 2), values, 0, 2));
    expect(bits[1]).toBe(0x7ff0_0000_0000_0002n);
  });

  it('takes two bits a sample for a constant at a steady pace', () => {
    const times = Float64Array.from({ length: 120 }, (_, index) => index * 15_000);
    expect(encodeXorChunk(times, new Float64Array(120), 0, 120).length).toBeLessThan(45);
  });
});

it('crc32c gives the value its description names', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe306_9283);
});

describe('encodeChunkedResponse', () => {
  it('frames each series with its length and checksum', () => {
    const count = 250;
    const timestamps = Float64Array.from({ length: count }, (_, index) => index * 1000);
    const values = Float64Array.from(timestamps, (time) => Math.sin(time));
    const series = ['b', 'a'].map((instance) => ({
      labels: Labels.of({ __name__: 'x', instance }),
      timestamps,
      values,
    }));
    const frames = [...encodeChunkedResponse([[], series], { region: 'eu' })].map(readFrame);
    expect(frames.map(({ labels, query }) => [query, ...labels])).toEqual([
      [1, '__name__', 'x', 'instance', 'a', 'region', 'eu'],
      [1, '__name__', 'x', 'instance', 'b', 'region', 'eu'],
    ]);
    for (const { chunks } of frames) {
      expect(chunks.map(({ timestampsMs }) => timestampsMs.length)).toEqual([120, 120, 10]);
      expect(chunks.flatMap(({ timestampsMs }) => timestampsMs)).toEqual([...timestamps]);
    }
  });

  it('splits a long series into frames of a megabyte', () => {
    const count = 300_000;
    const timestamps = Float64Array.from({ length: count }, (_, index) => index * 1000 + (index % 7));
    const values = Float64Array.from(timestamps, (time) => Math.sin(time));
    const frames = [...encodeChunkedResponse([[{ labels: Labels.of({ a: 'b' }), timestamps, values }]], {})];
    expect(frames.length).toBeGreaterThan(1);
    for (const frame of frames) expect(frame.length).toBeLessThan(1.1 * 1024 * 1024);
  });
});

function readFrame(bytes: Uint8Array) {
  const head = new ProtoReader(bytes);
  const length = head.uint32();
  const message = bytes.subarray(bytes.length - length);
  expect(new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - length - 4)).toBe(
    crc32c(message),
  );
  const reader = new ProtoReader(message);
  const labels: string[] = [];
  const chunks: ReturnType<typeof decodeXorChunk>[] = [];
  let query = 0;
  while (!reader.done) {
    if (reader.tag().field === 2) {
      query = reader.uint32();
      continue;
    }
    const series = reader.message();
    while (!series.done) {
      const { field } = series.tag();
      const inner = series.message();
      while (!inner.done) {
        const part = inner.tag();
        if (field === 1) labels.push(inner.string());
        else if (part.field === 4) chunks.push(decodeXorChunk(inner.bytes()));
        else inner.int64();
      }
    }
  }
  return { labels, chunks, query };
}
