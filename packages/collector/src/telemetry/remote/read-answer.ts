import type { SelectRequest } from '@plimsoll/promql';
import { compress } from 'snappyjs';
import { STARTS_HEADER } from '../../api/remote-read/encode-chunked-response.ts';
import { decodeSnappy, SnappyError } from '../../api/remote-write/decode-snappy.ts';
import { ProtoError } from '../../api/remote-write/proto-reader.ts';
import { type HttpStream, readAll } from './http-client.ts';
import {
  decodeChunkedResponse,
  decodeReadResponse,
  encodeReadRequest,
  type ReadPart,
} from './read-protocol.ts';

/** Of every remote read. */
export const READ_HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'accept-encoding': 'snappy',
  'x-prometheus-remote-read-version': '0.1.0',
  [STARTS_HEADER]: '1',
} as const;

/** The content of a remote read for one selector. Times of the request are milliseconds, both inclusive. */
export function readRequestBody({
  matchers,
  startMs,
  endMs,
}: Pick<SelectRequest, 'matchers' | 'startMs' | 'endMs'>): Uint8Array {
  return compress(encodeReadRequest(matchers, Math.ceil(startMs), Math.floor(endMs)));
}

/**
 * The parts of the series of an answer, as they come where it is a stream of chunks. What lies outside of the time asked
 * for is among them.
 *
 * @throws ProtoError, SnappyError where the answer is something else, or larger than `maxBytes` when it is decoded.
 */
export async function* decodeReadAnswer(
  { headers, body }: HttpStream,
  maxBytes: number,
): AsyncGenerator<ReadPart, void> {
  if (headers['content-type']?.startsWith('application/x-streamed-protobuf') === true) {
    yield* decodeChunkedResponse(body);
  } else {
    yield* decodeReadResponse(decodeSnappy(await readAll(body), maxBytes));
  }
}

/** Whether an error says that an answer makes no sense. */
export function isUnreadable(error: unknown): error is ProtoError | SnappyError {
  return error instanceof ProtoError || error instanceof SnappyError;
}
