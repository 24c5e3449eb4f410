import { create, toBinary } from '@bufbuild/protobuf';
import {
  StreamRequestSchema,
  isNoSample,
  isStaleMarker,
  writeNoSample,
  writeStaleMarker,
} from '@plimsoll/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRequest } from './decode-request.ts';

function encodeFrame(frame: {
  epoch: bigint;
  sequence: bigint;
  timestampMs: bigint;
  dictionaryVersion: number;
  values: Uint8Array<ArrayBuffer>;
  backfill: boolean;
  sentAtUs: bigint;
  clockOffsetUs?: bigint;
}): Uint8Array {
  return toBinary(
    StreamRequestSchema,
    create(StreamRequestSchema, {
      message: { case: 'frame', value: { $typeName: 'plimsoll.v1.Frame', ...frame } },
    }),
  );
}

const safe = fc.bigInt({ min: 0n, max: BigInt(Number.MAX_SAFE_INTEGER) });
const signed = fc.bigInt({ min: -(2n ** 52n), max: 2n ** 52n });

describe('decodeRequest', () => {
  it('reads frames exactly as they were written', () => {
    fc.assert(
      fc.property(
        safe,
        safe,
        signed,
        fc.nat(),
        fc.float64Array(),
        fc.boolean(),
        signed,
        fc.option(signed, { nil: undefined }),
        (epoch, sequence, timestampMs, dictionaryVersion, doubles, backfill, sentAtUs, offset) => {
          const bytes = encodeFrame({
            epoch,
            sequence,
            timestampMs,
            dictionaryVersion,
            values: new Uint8Array(doubles.slice().buffer),
            backfill,
            sentAtUs,
            ...(offset === undefined ? {} : { clockOffsetUs: offset }),
          });
          expect(decodeRequest(bytes)).toEqual({
            case: 'frame',
            epoch: Number(epoch),
            sequence: Number(sequence),
            timestampMs: Number(timestampMs),
            dictionaryVersion,
            values: doubles,
            backfill,
            sentAtUs: Number(sentAtUs),
            clockOffsetUs: offset === undefined ? Number.NaN : Number(offset),
          });
        },
      ),
    );
  });

  it('keeps the stale marker and the no-sample marker apart from NaN', () => {
    const doubles = new Float64Array([Number.NaN, 0, 0]);
    writeStaleMarker(doubles, 1);
    writeNoSample(doubles, 2);
    const request = decodeRequest(
      encodeFrame({
        epoch: 1n,
        sequence: 1n,
        timestampMs: 1n,
        dictionaryVersion: 1,
        values: new Uint8Array(doubles.buffer),
        backfill: false,
        sentAtUs: 0n,
      }),
    );
    if (request.case !== 'frame') throw new Error('not a frame');
    const values = [...request.values];
    expect(values.map(isStaleMarker)).toEqual([false, true, false]);
    expect(values.map(isNoSample)).toEqual([false, false, true]);
  });

  it('answers any bytes with a request or an Error, never a crash', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }).map((rest) => Uint8Array.of(26, rest.length, ...rest)),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        try {
          decodeRequest(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
