import { create } from '@bufbuild/protobuf';
import {
  logVerbosity,
  type MethodDefinition,
  Server,
  ServerCredentials,
  setLogVerbosity,
} from '@grpc/grpc-js';
import {
  type Hello,
  PROTOCOL_VERSION,
  type StreamResponse,
  StreamResponseSchema,
  telemetryServiceDefinition,
} from '@plimsoll/proto';
import type { FileConfig } from '../config/config.ts';
import type { LifecycleEvent } from '../desk/lifecycle/lifecycle-event.ts';
import { collectYoung } from '../collect-young.ts';
import { PlimsollError } from '../errors.ts';
import { type Admission, type LiveStream, admitAgent } from '../hosts/admit-agent.ts';
import type { WritableHostRegistry } from '../hosts/open-host-registry.ts';
import { LOG_REPEAT_MS } from '../limits.ts';
import { limitRepeats } from '../log-limit.ts';
import type { Runtime } from '../runtime.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import { toSequenceRange } from './ack-batch.ts';
import { type AgentCall, AgentStream } from './agent-stream.ts';
import { type DecodedRequest, decodeRequest } from './decode-request.ts';
import { toGrpcStatus } from './grpc-status.ts';
import { type IngestMetrics, registerIngestMetrics } from './ingest-metrics.ts';
import { type CheckedHello, readHello, toRecord } from './read-hello.ts';

export interface IngestOptions {
  readonly runtime: Runtime;
  readonly store: TelemetryStore;
  readonly hosts: WritableHostRegistry;
  readonly listenAddress: string;
  readonly version: string;
  /** The configuration in force; limits of new streams follow a reload. */
  readonly config: () => FileConfig;
  /** Told of every stream's beginning and end: the intervals in which an agent was heard are kept for good. */
  readonly onStream: (event: StreamEvent) => void;
}

export type StreamEvent = Extract<LifecycleEvent, { readonly type: 'stream.opened' | 'stream.closed' }>;

export interface Ingest extends AsyncDisposable {
  /** host:port really bound. */
  readonly address: string;
}

/** Requests arrive as bytes: a malformed one must end its stream with INVALID_ARGUMENT, not with grpc-js' INTERNAL. */
const definition: { stream: MethodDefinition<Buffer, StreamResponse> } = {
  stream: {
    ...telemetryServiceDefinition.stream,
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => bytes,
  },
};

/** Dead connections are found by HTTP/2 pings: a host that lost power sends no FIN. */
const KEEPALIVE_MS = 10_000;
/** How long streams get to end by themselves when the collector stops. */
const DRAIN_MS = 2000;

/** Serves plimsoll.v1.TelemetryService. @throws PlimsollError('unavailable') when the address cannot be bound. */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const service = new TelemetryServer(options);
  // What the library would print arrives here as an error and is told once, in our words.
  setLogVerbosity(logVerbosity.NONE);
  const { maxMessageBytes } = options.config().ingest;
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_MS,
  });
  server.addService(definition, { stream: (call: AgentCall) => service.serve(call) });
  const address = await bind(server, options.listenAddress);
  return {
    address,
    async [Symbol.asyncDispose]() {
      service.drain();
      const forced = setTimeout(() => server.forceShutdown(), DRAIN_MS);
      await new Promise<void>((resolve) => {
        server.tryShutdown(() => resolve());
      });
      clearTimeout(forced);
    },
  };
}

async function bind(server: Server, listenAddress: string): Promise<string> {
  const host = listenAddress.slice(0, listenAddress.lastIndexOf(':'));
  return new Promise((resolve, reject) => {
    server.bindAsync(listenAddress, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(`${host}:${port}`);
      else {
        const message = `cannot listen for agents on --grpc.listen-address=${listenAddress}: ${bindReason(error)}`;
        reject(new PlimsollError('unavailable', message, { cause: error }));
      }
    });
  });
}

/** grpc-js hides the cause in the text of its own. */
function bindReason(error: Error): string {
  if (error.message.includes('EADDRINUSE')) {
    return 'the port is in use; stop the other program or choose another port';
  }
  return error.message;
}

/** After this much of messages; each leaves several times its size behind, in buffers on its way here. */
const COLLECT_AFTER_BYTES = 1024 * 1024;

/** All streams of one collector. */
class TelemetryServer {
  readonly #options: IngestOptions;
  readonly #metrics: IngestMetrics;
  readonly #streams = new Map<string, { stream: AgentStream; call: AgentCall; instance: string }>();
  readonly #warn: (subject: string, fields: object, message: string) => void;
  readonly #letGo = collectYoung(COLLECT_AFTER_BYTES);
  #draining = false;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#metrics = registerIngestMetrics(options.runtime.metrics);
    this.#warn = limitRepeats(options.runtime, LOG_REPEAT_MS);
  }

  serve(call: AgentCall): void {
    let stream: AgentStream | undefined;
    call.on('data', (bytes: Buffer) => {
      this.#letGo(bytes.length);
      try {
        const request = this.#decode(bytes);
        if (stream === undefined) stream = this.#open(call, request);
        else stream.receive(request);
      } catch (error) {
        this.#refuse(call, PlimsollError.from(error), stream);
      }
    });
    const closed = (): void => {
      if (stream !== undefined) this.#close(stream, 'ended by the agent or the connection');
    };
    call.on('end', () => {
      closed();
      call.end();
    });
    call.on('cancelled', closed);
    call.on('error', closed);
  }

  /** Ends all streams: agents keep what is not acknowledged and come back. */
  drain(): void {
    this.#draining = true;
    for (const { call, stream } of this.#streams.values()) {
      this.#close(stream, 'the collector stopped');
      endWith(call, new PlimsollError('unavailable', 'the collector is stopping'));
    }
  }

  #decode(bytes: Buffer): DecodedRequest {
    try {
      return decodeRequest(bytes);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new PlimsollError('invalid_argument', `not a plimsoll.v1.StreamRequest: ${detail}`, {
        cause: error,
      });
    }
  }

  #open(call: AgentCall, request: DecodedRequest): AgentStream {
    if (this.#draining) throw new PlimsollError('unavailable', 'the collector is stopping');
    if (request.case !== 'hello') throw new PlimsollError('invalid_argument', 'a stream begins with Hello');
    const { runtime, hosts, store, config } = this.#options;
    const hello = readHello(request.value, config().ingest);
    const nowMs = runtime.now();
    this.#admit(hello, nowMs);
    const record = toRecord(hello, hosts.record(hello.caller.agentId), nowMs);
    const stream = new AgentStream({
      call,
      record,
      epoch: hello.caller.epoch,
      store,
      hosts,
      metrics: this.#metrics,
      now: runtime.now,
      config,
      onUnavailable: (error) => this.#refuse(call, error, stream),
    });
    this.#streams.set(record.agentId, { stream, call, instance: record.instance });
    this.#metrics.streams.set(this.#streams.size);
    hosts.connected(record);
    this.#options.onStream({
      type: 'stream.opened',
      agentId: record.agentId,
      instance: record.instance,
      epoch: stream.epoch,
      atMs: nowMs,
      clockOffsetMs: hello.sentAtUs / 1000 - nowMs,
    });
    call.write(this.#welcome(request.value, record.agentId, nowMs));
    return stream;
  }

  /** @throws PlimsollError when the caller may not stream; a dead stream of the same agent is closed. */
  #admit(hello: CheckedHello, nowMs: number): void {
    const { caller } = hello;
    const { hosts } = this.#options;
    const known = hosts.record(caller.agentId);
    if (known === undefined && hosts.isFull()) {
      this.#metrics.streamsRefused.inc({ reason: 'resource_exhausted' });
      throw new PlimsollError(
        'resource_exhausted',
        'as many agents are known already as this collector takes',
      );
    }
    const own = this.#streams.get(caller.agentId);
    const ofInstance = [...this.#streams.values()].find((live) => live.instance === caller.instance);
    const admission: Admission = admitAgent(
      caller,
      known,
      own?.stream satisfies LiveStream | undefined,
      ofInstance?.stream satisfies LiveStream | undefined,
      nowMs,
    );
    if (admission.kind === 'refuse') {
      this.#metrics.streamsRefused.inc({ reason: admission.code });
      hosts.refused(caller, admission.reason);
      throw new PlimsollError(admission.code, admission.reason);
    }
    for (const live of [own, ofInstance]) {
      if (live === undefined || !this.#streams.has(live.stream.agentId)) continue;
      this.#close(live.stream, 'superseded by a newer stream');
      endWith(live.call, new PlimsollError('unavailable', 'superseded by a newer stream'));
    }
  }

  #welcome(hello: Hello, agentId: string, nowMs: number): StreamResponse {
    const { store, config, version, runtime } = this.#options;
    const limits = config().ingest;
    return create(StreamResponseSchema, {
      message: {
        case: 'welcome',
        value: {
          protocolVersion: PROTOCOL_VERSION,
          collectorVersion: version,
          incarnation: store.incarnation,
          received: store.receivedRanges(agentId).map(toSequenceRange),
          limits: {
            maxMessageBytes: limits.maxMessageBytes,
            maxSeries: limits.maxSeriesPerAgent,
            maxLabelNameBytes: limits.maxLabelNameBytes,
            maxLabelValueBytes: limits.maxLabelValueBytes,
            maxLabelsPerSeries: limits.maxLabelsPerSeries,
            maxFramesInFlight: limits.maxFramesInFlight,
          },
          clock: {
            sentAtUs: hello.sentAtUs,
            receivedAtUs: BigInt(Math.round(nowMs * 1000)),
            answeredAtUs: BigInt(Math.round(runtime.now() * 1000)),
          },
        },
      },
    });
  }

  #refuse(call: AgentCall, error: PlimsollError, stream: AgentStream | undefined): void {
    this.#metrics.messagesRefused.inc({ reason: error.code });
    const peer = call.getPeer();
    const agent = stream?.agentId ?? 'unknown';
    this.#warn(
      `${error.code}/${agent}`,
      { peer, agent, code: error.code },
      `stream refused: ${error.message}`,
    );
    if (stream !== undefined) this.#close(stream, `refused: ${error.code}`);
    endWith(call, error);
  }

  #close(stream: AgentStream, reason: string): void {
    stream.end();
    const live = this.#streams.get(stream.agentId);
    if (live?.stream !== stream) return;
    this.#streams.delete(stream.agentId);
    const { agentId, epoch } = stream;
    const atMs = this.#options.runtime.now();
    this.#options.onStream({ type: 'stream.closed', agentId, instance: live.instance, epoch, atMs, reason });
    this.#metrics.streams.set(this.#streams.size);
    this.#options.hosts.disconnected(stream.agentId);
  }
}

/** Ends a call with a status; what still arrives on it is not read. */
function endWith(call: AgentCall, error: PlimsollError): void {
  call.removeAllListeners('data');
  call.resume();
  call.emit('error', toGrpcStatus(error));
}
