import {
  Labels,
  type Matcher,
  type MatchType,
  type SelectRequest,
  type SeriesColumns,
} from '@plimsoll/promql';
import { compress } from 'snappyjs';
import { decodeSnappy } from '../../api/remote-write/decode-snappy.ts';
import { readLabel } from '../../api/remote-write/decode-write-request.ts';
import { ProtoReader, WIRE } from '../../api/remote-write/proto-reader.ts';
import { ByteWriter } from '../embedded/byte-writer.ts';
import { garbage, readError } from './answer-error.ts';
import type { HttpClient } from './http-client.ts';
import { MAX_ANSWER_BYTES } from './remote-options.ts';
import { SampleDecoder } from './decode-samples.ts';

const MATCH_TYPES: readonly MatchType[] = ['=', '!=', '=~', '!~'];
const TEXT = new TextEncoder();

/** Reads raw samples by Prometheus' remote read: `prometheus.ReadRequest` with one query, answered with samples. */
export async function readRemoteRead(
  client: HttpClient,
  queryUrl: string,
  request: SelectRequest,
  signal: AbortSignal | undefined,
): Promise<SeriesColumns[]> {
  const url = `${queryUrl}/api/v1/read`;
  const answer = await client.send({
    url,
    headers: {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-read-version': '0.1.0',
    },
    body: compress(encodeRequest(request)),
    maxAnswerBytes: MAX_ANSWER_BYTES,
    signal,
  });
  if (answer.status !== 200) throw readError(url, answer);
  try {
    return decodeResponse(decodeSnappy(answer.body, MAX_ANSWER_BYTES));
  } catch (error) {
    throw garbage(url, 'no remote read response', error);
  }
}

function encodeRequest({ matchers, startMs, endMs }: SelectRequest): Uint8Array {
  const query = new ByteWriter();
  query.varint(1 * 8);
  query.varint(Math.ceil(startMs));
  query.varint(2 * 8);
  query.varint(Math.floor(endMs));
  for (const matcher of matchers) writeField(query, 3, encodeMatcher(matcher));
  const request = new ByteWriter();
  writeField(request, 1, query.written());
  return request.written();
}

function encodeMatcher({ name, type, value }: Matcher): Uint8Array {
  const matcher = new ByteWriter();
  matcher.varint(1 * 8);
  matcher.varint(MATCH_TYPES.indexOf(type));
  writeField(matcher, 2, TEXT.encode(name));
  writeField(matcher, 3, TEXT.encode(value));
  return matcher.written();
}

function writeField(out: ByteWriter, field: number, content: Uint8Array): void {
  out.varint(field * 8 + WIRE.bytes);
  out.varint(content.length);
  out.bytes(content);
}

/** `prometheus.ReadResponse` (results = 1: timeseries = 1: labels = 1 {name = 1, value = 2}, samples = 2). */
function decodeResponse(bytes: Uint8Array): SeriesColumns[] {
  const found: SeriesColumns[] = [];
  for (const result of messages(new ProtoReader(bytes), 1)) {
    for (const message of messages(result, 1)) {
      const series = decodeSeries(message);
      // Series of the index without a sample in these times are listed too.
      if (series.timestamps.length > 0) found.push(series);
    }
  }
  return found;
}

function* messages(reader: ProtoReader, wanted: number): Generator<ProtoReader, void> {
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === wanted && wire === WIRE.bytes) yield reader.message();
    else reader.skip(wire);
  }
}

function decodeSeries(reader: ProtoReader): SeriesColumns {
  const labels: string[] = [];
  const samples = new SampleDecoder();
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.bytes) readLabel(reader.message(), labels);
    else if (field === 2 && wire === WIRE.bytes) samples.add(reader.bytes());
    else reader.skip(wire);
  }
  return { labels: Labels.fromPairs(labels), ...samples.columns() };
}
