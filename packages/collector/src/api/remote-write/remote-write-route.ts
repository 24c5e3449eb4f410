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
import { decodeWriteRequest2 } from './decode-write-request-2.ts';
import { ProtoError } from './proto-reader.ts';
import { allFaults, firstFault } from './write-faults.ts';
import { type StoreParts, type WriteResult, writeSamples } from './write-samples.ts';

export interface RemoteWriteServices {
  readonly runtime: Runtime;
  readonly store: Pick<TelemetryStore, StoreParts>;
  readonly hosts: Pick<HostRegistry, 'onFrame'>;
  readonly config: () => FileConfig;
}

/** The messages of the protocol's versions, as the content type names them. */
const MESSAGES = { 1: 'prometheus.WriteRequest', 2: 'io.prometheus.write.v2.Request' } as const;

type Version = keyof typeof MESSAGES;

/** Refused before anything was decoded. */
class Refusal extends Error {
  readonly status: 400 | 413 | 415;

  constructor(status: 400 | 413 | 415, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.status = status;
  }
}

/** POST /write: Prometheus' remote write, 1.0 and 2.0. */
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
    const version = readHeaders(context);
    const request = await readRequest(context, version);
    const result = await writeSamples(request, {
      store: services.store,
      owned,
      config: services.config(),
      nowMs: runtime.now(),
    });
    for (const [name, count] of Object.entries(result.outcome)) {
      if (count === 0) continue;
      samples.inc({ outcome: name }, count);
      if (name !== 'accepted') warn(name, { outcome: name, count }, 'remote-written samples were not stored');
    }
    if (version === 2) tellWritten(context, result);
    const refused = faultText(result, version);
    requests.inc({ code: refused === undefined ? 204 : 400 });
    return refused === undefined ? context.body(null, 204) : context.text(`${refused}\n`, 400);
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

/** What version 2 requires of every answer, so that senders notice partial writes. */
function tellWritten(context: Context, { outcome, histograms }: WriteResult): void {
  context.header('X-Prometheus-Remote-Write-Samples-Written', String(outcome.accepted - histograms));
  context.header('X-Prometheus-Remote-Write-Histograms-Written', String(histograms));
  context.header('X-Prometheus-Remote-Write-Exemplars-Written', '0');
}

/** What the sender is told it did wrong; undefined when nothing. */
function faultText({ faults, silent }: WriteResult, version: Version): string | undefined {
  if (version === 1) return firstFault(faults);
  const all = [...faults, ...silent];
  return all.length === 0 ? undefined : allFaults(all);
}

async function readRequest(context: Context, version: Version): Promise<WriteRequest> {
  const body = await readBody(context.req.raw, MAX_REMOTE_WRITE_BYTES);
  if (body === null) {
    throw new Refusal(413, `the body is larger than ${MAX_REMOTE_WRITE_BYTES} bytes: send smaller batches`);
  }
  try {
    const message = decodeSnappy(body, MAX_REMOTE_WRITE_DECODED_BYTES);
    return version === 1 ? decodeWriteRequest(message) : decodeWriteRequest2(message);
  } catch (error) {
    if (error instanceof SnappyError || error instanceof ProtoError) {
      throw new Refusal(400, error.message, { cause: error });
    }
    throw error;
  }
}

/** Absent headers mean version 1 and snappy, as Prometheus takes them. */
function readHeaders(context: Context): Version {
  const contentType = (context.req.header('content-type') ?? '').trim();
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  if (type !== '' && type !== 'application/x-protobuf') {
    throw new Refusal(
      415,
      `expected application/x-protobuf as the first (media) part, got ${contentType} content-type`,
    );
  }
  const message = parameters.find((parameter) => parameter.startsWith('proto='))?.slice('proto='.length);
  if (message !== undefined && message !== MESSAGES[1] && message !== MESSAGES[2]) {
    const supported = Object.values(MESSAGES).join(', ');
    throw new Refusal(
      415,
      `got ${contentType} content type; unknown type for remote write protobuf message ${message}, supported: ${supported}`,
    );
  }
  const encoding = context.req.header('content-encoding') ?? '';
  if (encoding !== '' && encoding.toLowerCase() !== 'snappy') {
    throw new Refusal(
      415,
      `${encoding} encoding (compression) is not accepted by this server; only snappy is acceptable`,
    );
  }
  return message === MESSAGES[2] ? 2 : 1;
}
