import { Hono, type Context } from 'hono';
import { Counter } from 'prom-client';
import type { FileConfig } from '../../config/config.ts';
import { PlimsollError } from '../../errors.ts';
import type { HostRegistry } from '../../hosts/host-registry.ts';
import { LOG_REPEAT_MS } from '../../limits.ts';
import { limitRepeats } from '../../log-limit.ts';
import type { Runtime } from '../../runtime.ts';
import { authorise } from '../../security/authorise.ts';
import type { TelemetryStore } from '../../telemetry/store.ts';
import { MAX_REMOTE_WRITE_BYTES, MAX_REMOTE_WRITE_DECODED_BYTES } from '../limits.ts';
import type { RouteEnvironment } from '../plimsoll/new-routes.ts';
import { readBody } from '../read-body.ts';
import { agentOwnedSeries } from './agent-owned-series.ts';
import { decodeSnappy, SnappyError } from './decode-snappy.ts';
import { decodeWriteRequest, type WriteRequest } from './decode-write-request.ts';
import { ProtoError } from './proto-reader.ts';
import { type WriteOutcome, writeSamples } from './write-samples.ts';

export interface RemoteWriteServices {
  readonly runtime: Runtime;
  readonly store: Pick<TelemetryStore, 'internSeries' | 'appendSamples' | 'setMetadata'>;
  readonly hosts: Pick<HostRegistry, 'onFrame'>;
  readonly config: () => FileConfig;
}

/** In Prometheus' words, the worst first: a request that lost samples of several kinds names the first of these. */
const REFUSALS: readonly (readonly [keyof WriteOutcome, string])[] = [
  ['out_of_order', 'out of order sample'],
  ['too_old', 'too old sample'],
  ['out_of_bounds', 'out of bounds: timestamp is too far in the future'],
  ['duplicate', 'duplicate sample for timestamp'],
  ['series_limit', 'the limit of series is reached: raise ingest.maxSeriesTotal or send fewer series'],
];

/** Refused before anything was decoded. */
class Refusal extends Error {
  readonly status: 400 | 413 | 415;

  constructor(status: 400 | 413 | 415, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.status = status;
  }
}

/** POST /write: Prometheus' remote write 1.0. */
export function remoteWriteRoute(services: RemoteWriteServices): Hono<RouteEnvironment> {
  const { runtime } = services;
  const samples = new Counter({
    name: 'plimsoll_remote_write_samples_total',
    help: 'Samples received by remote write, by what became of them.',
    labelNames: ['outcome'],
    registers: [runtime.metrics],
  });
  const requests = new Counter({
    name: 'plimsoll_remote_write_requests_total',
    help: 'Remote write requests by status code.',
    labelNames: ['code'],
    registers: [runtime.metrics],
  });
  const warn = limitRepeats(runtime, LOG_REPEAT_MS);
  const owned = agentOwnedSeries(services.hosts);
  const routes = new Hono<RouteEnvironment>();
  routes.post('/write', async (context) => {
    authorise(context.get('principal'), 'telemetry.write', 'remote write');
    const request = await readRequest(context);
    const outcome = await writeSamples(request, {
      store: services.store,
      owned,
      config: services.config(),
      nowMs: runtime.now(),
    });
    for (const [name, count] of Object.entries(outcome)) {
      if (count === 0) continue;
      samples.inc({ outcome: name }, count);
      if (name !== 'accepted') warn(name, { outcome: name, count }, 'remote-written samples were not stored');
    }
    const refused = REFUSALS.find(([name]) => outcome[name] > 0);
    requests.inc({ code: refused === undefined ? 204 : 400 });
    return refused === undefined ? context.body(null, 204) : context.text(`${refused[1]}\n`, 400);
  });
  routes.onError((thrown, context) => {
    if (thrown instanceof Refusal) {
      requests.inc({ code: thrown.status });
      return context.text(`${thrown.message}\n`, thrown.status);
    }
    // Senders try again on 5xx: what could not be made durable is not lost.
    const error = PlimsollError.from(thrown);
    const status = error.code === 'internal' ? 500 : 503;
    requests.inc({ code: status });
    warn(error.code, { err: error }, 'a remote write could not be stored');
    return context.text(`${error.message}\n`, status);
  });
  return routes;
}

async function readRequest(context: Context): Promise<WriteRequest> {
  checkHeaders(context.req.header('content-type') ?? '', context.req.header('content-encoding') ?? '');
  const body = await readBody(context.req.raw, MAX_REMOTE_WRITE_BYTES);
  if (body === null) {
    throw new Refusal(413, `the body is larger than ${MAX_REMOTE_WRITE_BYTES} bytes: send smaller batches`);
  }
  try {
    return decodeWriteRequest(decodeSnappy(body, MAX_REMOTE_WRITE_DECODED_BYTES));
  } catch (error) {
    if (error instanceof SnappyError || error instanceof ProtoError) {
      throw new Refusal(400, error.message, { cause: error });
    }
    throw error;
  }
}

/** Absent headers mean version 1 and snappy, as Prometheus takes them. */
function checkHeaders(contentType: string, contentEncoding: string): void {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  if (type !== '' && type !== 'application/x-protobuf') {
    throw new Refusal(415, `expected application/x-protobuf as the content type, got ${contentType}`);
  }
  const message = parameters.find((parameter) => parameter.startsWith('proto='))?.slice('proto='.length);
  if (message !== undefined && message !== 'prometheus.WriteRequest') {
    throw new Refusal(415, `${message} is not accepted by this server; accepted: prometheus.WriteRequest`);
  }
  if (contentEncoding !== '' && contentEncoding.toLowerCase() !== 'snappy') {
    throw new Refusal(415, `${contentEncoding} is not accepted by this server; only snappy is`);
  }
}
