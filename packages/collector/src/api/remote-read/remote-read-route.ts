import { matcherError, type Matcher, type SeriesColumns } from '@plimsoll/promql';
import { Hono } from 'hono';
import { compress } from 'snappyjs';
import type { TelemetryStore } from '../../telemetry/store.ts';
import { MAX_REMOTE_READ_BYTES, MAX_REMOTE_READ_SAMPLES } from '../limits.ts';
import { readBody } from '../read-body.ts';
import { decodeSnappy, SnappyError } from '../remote-write/decode-snappy.ts';
import { ProtoError } from '../remote-write/proto-reader.ts';
import { decodeReadRequest, type ReadQuery, type ReadRequest } from './decode-read-request.ts';
import { encodeChunkedResponse, STARTS_HEADER } from './encode-chunked-response.ts';
import { encodeReadResponse } from './encode-read-response.ts';

export interface RemoteReadServices {
  readonly store: Pick<TelemetryStore, 'select'>;
  readonly externalLabels: () => Readonly<Record<string, string>>;
}

/** Refused for what the request says; the message is the answer. */
class ReadRefusal extends Error {}

/** POST /read: Prometheus' remote read, answered with a stream of chunks where the reader takes one, else with samples. */
export function remoteReadRoute(services: RemoteReadServices): Hono {
  const routes = new Hono();
  routes.post('/read', async (context) => {
    const { queries, chunked } = await readRequest(context.req.raw);
    const externalLabels = services.externalLabels();
    const results: (readonly SeriesColumns[])[] = [];
    let samples = 0;
    for (const query of queries) {
      const series = await services.store.select(withoutExternal(query, externalLabels));
      samples += series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
      if (samples > MAX_REMOTE_READ_SAMPLES) {
        throw new ReadRefusal(
          `exceeded sample limit (${MAX_REMOTE_READ_SAMPLES}): ask for less time or fewer series`,
        );
      }
      results.push(series);
    }
    if (chunked) {
      const starts = context.req.header(STARTS_HEADER) !== undefined;
      return context.body(ReadableStream.from(encodeChunkedResponse(results, externalLabels, starts)), 200, {
        'content-type': 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse',
      });
    }
    const body = new Uint8Array(compress(encodeReadResponse(results, externalLabels)));
    return context.body(body, 200, {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
    });
  });
  routes.onError((error, context) => {
    if (error instanceof ReadRefusal) return context.text(`${error.message}\n`, 400);
    throw error;
  });
  return routes;
}

async function readRequest(request: Request): Promise<ReadRequest> {
  const body = await readBody(request, MAX_REMOTE_READ_BYTES);
  if (body === null) throw new ReadRefusal(`the body is larger than ${MAX_REMOTE_READ_BYTES} bytes`);
  let asked: ReadRequest;
  try {
    asked = decodeReadRequest(decodeSnappy(body, MAX_REMOTE_READ_BYTES));
  } catch (error) {
    if (error instanceof SnappyError || error instanceof ProtoError) {
      throw new ReadRefusal(error.message, { cause: error });
    }
    throw error;
  }
  for (const matcher of asked.queries.flatMap(({ matchers }) => matchers)) {
    const fault = matcherError(matcher);
    if (fault !== undefined) throw new ReadRefusal(fault);
  }
  return asked;
}

/** A matcher that names one of the server's own labels is met by all series: they get the label in the answer. */
function withoutExternal(query: ReadQuery, externalLabels: Readonly<Record<string, string>>): ReadQuery {
  const isExternal = ({ type, name, value }: Matcher) => type === '=' && externalLabels[name] === value;
  return { ...query, matchers: query.matchers.filter((matcher) => !isExternal(matcher)) };
}
