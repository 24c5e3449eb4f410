import { writeStaleMarker } from '@plimsoll/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWriteRequest } from './decode-write-request.ts';
import { ProtoError } from './proto-reader.ts';
import { encodeWriteRequest, field, varint } from './testing/encode-write-request.ts';

/** The long run is the fuzz. */
const RUNS = process.env.PLIMSOLL_TEST_LONG === undefined ? 3_000 : 500_000;

describe('decodeWriteRequest', () => {
  it('reads back any series', () => {
    const label = fc.tuple(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }));
    const sample = fc.record({
      timestampMs: fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
      value: fc.double(),
    });
    const series = fc.record({ labels: fc.array(label), samples: fc.array(sample) });
    fc.assert(
      fc.property(fc.array(series), (written) => {
        const decoded = decodeWriteRequest(encodeWriteRequest(written)).series;
        expect(decoded.map(({ labels }) => labels)).toEqual(written.map(({ labels }) => labels.flat()));
        expect(decoded.map(({ values }) => values)).toEqual(
          written.map(({ samples }) => samples.map(({ value }) => value)),
        );
        expect(decoded.map(({ timestampsMs }) => timestampsMs)).toEqual(
          written.map(({ samples }) =>
            samples.map(({ timestampMs }) => (timestampMs === 0 ? 0 : timestampMs)),
          ),
        );
      }),
    );
  });

  it('tells a stale marker', () => {
    const marker = new Float64Array(1);
    writeStaleMarker(marker, 0);
    const bits = new Uint8Array(marker.buffer);
    const request = encodeWriteRequest([
      { labels: [['__name__', 'a']], samples: [{ timestampMs: 1, bits }] },
    ]);
    expect(decodeWriteRequest(request).series[0]?.values).toEqual(['stale']);
  });

  it('reads metadata and passes over fields it does not know', () => {
    const metadata = Buffer.concat([
      varint(1 << 3),
      varint(1),
      field(2, Buffer.from('requests_total')),
      field(4, Buffer.from('Requests.')),
      field(5, Buffer.from('requests')),
      field(15, Buffer.from('from the future')),
    ]);
    const unknown = Buffer.concat([
      field(9, Buffer.from('x')),
      varint((10 << 3) | 1),
      Buffer.alloc(8),
      varint((11 << 3) | 5),
      Buffer.alloc(4),
    ]);
    expect(decodeWriteRequest(Buffer.concat([unknown, field(3, metadata)]))).toEqual({
      series: [],
      metadata: [{ family: 'requests_total', type: 'counter', help: 'Requests.', unit: 'requests' }],
    });
  });

  it('answers a request or a ProtoError for any bytes', { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        try {
          decodeWriteRequest(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtoError);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('answers a request or a ProtoError for any damage to a valid request', { timeout: 600_000 }, () => {
    const valid = encodeWriteRequest([
      {
        labels: [
          ['__name__', 'a'],
          ['job', 'b'],
        ],
        samples: [{ timestampMs: 1_700_000_000_000, value: 1.5 }],
      },
    ]);
    const damage = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(damage, fc.nat(valid.length), (changes, length) => {
        const bytes = Uint8Array.from(valid.subarray(0, length));
        for (const [at, byte] of changes) if (at < length) bytes[at] = byte;
        try {
          decodeWriteRequest(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtoError);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
