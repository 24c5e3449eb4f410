import { setStaleMarker, Labels, type SeriesColumns } from '@plimsoll/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeReadRequest } from '../../api/remote-read/decode-read-request.ts';
import { encodeChunkedResponse } from '../../api/remote-read/encode-chunked-response.ts';
import { encodeReadResponse } from '../../api/remote-read/encode-read-response.ts';
import { joinSamples } from '../long-term/join-samples.ts';
import {
  decodeChunkedResponse,
  decodeReadResponse,
  encodeReadRequest,
  type ReadPart,
} from './read-protocol.ts';

const series: readonly SeriesColumns[] = ['a', 'b'].map((name, n) => {
  const values = Float64Array.from({ length: 300 }, (_, i) => i * 0.1 + n);
  setStaleMarker(values, 7);
  return {
    labels: Labels.of({ __name__: name, text: 'ü"\\' }),
    timestamps: Float64Array.from({ length: 300 }, (_, i) => 1_700_000_000_000 + i * 15_000),
    values,
  };
});

/** Joins the parts of each series. */
function joined(parts: readonly ReadPart[]): unknown[] {
  const bySeries = Map.groupBy(parts, ({ labels }) => labels.key);
  return [...bySeries.values()].map((group) => {
    const [first] = group;
    if (first === undefined) throw new Error('an empty group');
    return plain(
      joinSamples(
        first.labels,
        group.flatMap(({ samples }) => samples),
      ),
    );
  });
}

function plain(columns: SeriesColumns | null): unknown {
  if (columns === null) return null;
  const bits = [...new BigUint64Array(columns.values.slice().buffer)];
  return { labels: columns.labels.toString(), timestamps: [...columns.timestamps], bits };
}

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function collect(parts: AsyncIterable<ReadPart>): Promise<ReadPart[]> {
  const all: ReadPart[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

function chunk(...times: number[]) {
  return { timestamps: Float64Array.from(times), values: Float64Array.from(times, (time) => time * 2) };
}

describe('remote read, the reader', () => {
  it('asks in a form that the server reads', () => {
    const matchers = [
      { name: '__name__', type: '=', value: 'a' },
      { name: 'b', type: '!~', value: 'x|y' },
    ] as const;
    expect(decodeReadRequest(encodeReadRequest(matchers, 0, 1_700_000_000_000))).toEqual({
      queries: [{ startMs: 0, endMs: 1_700_000_000_000, matchers }],
      chunked: true,
    });
  });

  it('reads samples', () => {
    const parts = [...decodeReadResponse(encodeReadResponse([series], {}))];
    expect(joined(parts)).toEqual(series.map(plain));
  });

  it('reads a stream of chunks however it is cut', async () => {
    const frames = [...encodeChunkedResponse([series], {})];
    const bytes = Buffer.concat(frames);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(700), { maxLength: 12 }), async (sizes) => {
        const parts = await collect(decodeChunkedResponse(cut(bytes, sizes)));
        expect(joined(parts)).toEqual(series.map(plain));
      }),
    );
  });

  it('notices a stream that ends early or was changed', async () => {
    const bytes = Buffer.concat([...encodeChunkedResponse([series], {})]);
    await expect(collect(decodeChunkedResponse(cut(bytes.subarray(0, -3), [])))).rejects.toThrow(
      'ended within a frame',
    );
    const changed = Buffer.from(bytes);
    changed[300] = (changed[300] ?? 0) ^ 1;
    await expect(collect(decodeChunkedResponse(cut(changed, [])))).rejects.toThrow('checksum');
  });

  it('puts chunks that overlap in order', () => {
    const all = joinSamples(Labels.of({ a: 'b' }), [chunk(1, 3, 5), chunk(2, 3, 4)]);
    expect(all?.timestamps).toEqual(Float64Array.of(1, 2, 3, 4, 5));
    expect(all?.values).toEqual(Float64Array.of(2, 4, 6, 8, 10));
    expect(joinSamples(Labels.EMPTY, [])).toBeNull();
  });
});
