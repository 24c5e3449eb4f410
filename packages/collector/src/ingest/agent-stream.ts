import type { ServerDuplexStream } from '@grpc/grpc-js';
import { RefusalReason, type StreamResponse } from '@plimsoll/proto';
import { PlimsollError } from '../errors.ts';
import type { AgentRecord } from '../hosts/agent-table.ts';
import type { WritableHostRegistry } from '../hosts/open-host-registry.ts';
import type { FileConfig } from '../config/config.ts';
import type { FrameOutcome, TelemetryStore } from '../telemetry/store.ts';
import { AckBatch } from './ack-batch.ts';
import type { DecodedFrame, DecodedRequest } from './decode-request.ts';
import { factsToRecord, familiesToMetadata } from './from-wire.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { StreamDictionaries } from './stream-dictionary.ts';

export type AgentCall = ServerDuplexStream<Buffer, StreamResponse>;

/** What an admitted stream works with. */
export interface StreamContext {
  readonly call: AgentCall;
  readonly record: AgentRecord;
  readonly epoch: number;
  readonly store: TelemetryStore;
  readonly hosts: WritableHostRegistry;
  readonly metrics: IngestMetrics;
  readonly now: () => number;
  readonly config: () => FileConfig;
  readonly onUnavailable: (error: PlimsollError) => void;
}

/** The newest live frame with these series that the rules have not heard of. */
interface News {
  readonly refs: Uint32Array;
  readonly values: Float64Array;
  /** Of the oldest frame it stands for. */
  readonly firstMs: number;
  timestampMs: number;
  clockOffsetUs: number;
}

/**
 * Frames of one commit group. Nothing is kept of them but what is needed once they are durable: at full ingest there
 * are thousands, and what lives for so long is what the garbage collector works hardest for.
 */
interface Pending {
  readonly durable: Promise<void>;
  readonly batch: AckBatch;
  frames: number;
  /** One for each run of frames with one list of series: rules judge a host by its newest values. */
  readonly live: News[];
  readonly backfilledMs: number[];
}

/**
 * One admitted agent stream. Frames go to the store as they come; those of one commit group are acknowledged together
 * once the group is durable. When the agent has more frames in flight than it may, reading pauses until the store has
 * caught up, so that nothing is buffered without bound.
 */
export class AgentStream {
  readonly agentId: string;
  readonly epoch: number;
  readonly collectIntervalMs: number;
  lastMessageMs: number;
  readonly #context: StreamContext;
  readonly #dictionaries: StreamDictionaries;
  #pending: Pending | undefined;
  #inFlight = 0;
  #newestSentAtUs = 0;
  #newestReceivedAtUs = 0;
  #ended = false;

  constructor(context: StreamContext) {
    this.#context = context;
    const { record, store, metrics } = context;
    this.agentId = record.agentId;
    this.epoch = context.epoch;
    this.collectIntervalMs = record.collectIntervalMs;
    this.lastMessageMs = context.now();
    this.#dictionaries = new StreamDictionaries(
      store,
      { ...record.labels, job: 'node', instance: record.instance },
      context.config().ingest,
      (reason, count) => metrics.seriesDropped.inc({ reason }, count),
    );
  }

  /** Takes one request. @throws PlimsollError('invalid_argument') for one that is out of order or malformed. */
  receive(request: DecodedRequest): void {
    this.lastMessageMs = this.#context.now();
    switch (request.case) {
      case 'frame':
        this.#frame(request);
        return;
      case 'dictionary':
        this.#context.store.setMetadata(familiesToMetadata(request.value.families));
        this.#dictionaries.define(request.value);
        return;
      case 'facts':
        this.#context.hosts.facts(this.agentId, factsToRecord(request.value));
        return;
      case 'hello':
        throw new PlimsollError('invalid_argument', 'a stream begins with one Hello, this is another');
      case undefined:
        throw new PlimsollError('invalid_argument', 'a request without a message');
    }
  }

  /** Stops acknowledging: the call is gone. */
  end(): void {
    this.#ended = true;
  }

  #frame(frame: DecodedFrame): void {
    const nowMs = this.lastMessageMs;
    if (frame.sentAtUs >= this.#newestSentAtUs) {
      this.#newestSentAtUs = frame.sentAtUs;
      this.#newestReceivedAtUs = nowMs * 1000;
    }
    const refs = this.#dictionaries.refs(frame.epoch, frame.dictionaryVersion);
    if (refs === undefined || refs.length !== frame.values.length) {
      const detail =
        refs === undefined
          ? `dictionary ${frame.dictionaryVersion} of epoch ${frame.epoch} is not defined on this stream`
          : `${frame.values.length} values for a dictionary of ${refs.length} slots`;
      this.#refuse(frame, RefusalReason.MALFORMED, 'malformed', detail);
      return;
    }
    const { maxFutureMs } = this.#context.config().storage;
    if (frame.timestampMs > nowMs + maxFutureMs) {
      const aheadS = Math.round((frame.timestampMs - nowMs) / 1000);
      this.#refuse(
        frame,
        RefusalReason.TOO_FAR_AHEAD,
        'too_far_ahead',
        `${aheadS} s ahead of the collector's clock`,
      );
      return;
    }
    this.#append(frame, refs);
  }

  #append(frame: DecodedFrame, refs: Uint32Array): void {
    const { store, metrics } = this.#context;
    const outcome = store.appendFrame({
      agentId: this.agentId,
      epoch: frame.epoch,
      sequence: frame.sequence,
      timestampMs: frame.timestampMs,
      refs,
      values: frame.values,
      backfill: frame.backfill,
    });
    metrics.frames.inc({ outcome: outcome.status });
    if (outcome.status === 'too_old') {
      this.#refuse(frame, RefusalReason.TOO_OLD, undefined, 'older than what the collector keeps');
      return;
    }
    if (outcome.status === 'accepted') metrics.samples.inc(frame.values.length);
    const pending = this.#pendingUntil(outcome);
    pending.frames++;
    pending.batch.durable(frame.epoch, frame.sequence);
    if (frame.backfill) pending.backfilledMs.push(frame.timestampMs);
    // A frame seen before is acknowledged again, but it is not news to the rules.
    else if (outcome.status === 'accepted') takeNews(pending.live, frame, refs);
  }

  /** The frames that wait for the same commit group as this one. */
  #pendingUntil({ durable }: FrameOutcome): Pending {
    this.#inFlight++;
    if (this.#inFlight > this.#context.config().ingest.maxFramesInFlight) this.#context.call.pause();
    if (this.#pending?.durable === durable) return this.#pending;
    const pending: Pending = { durable, batch: new AckBatch(), frames: 0, live: [], backfilledMs: [] };
    this.#pending = pending;
    durable.then(
      () => this.#acknowledge(pending),
      (error: unknown) => this.#context.onUnavailable(PlimsollError.from(error, 'unavailable')),
    );
    return pending;
  }

  #acknowledge(pending: Pending): void {
    if (this.#pending === pending) this.#pending = undefined;
    this.#inFlight -= pending.frames;
    this.#send(pending.batch);
    if (!this.#ended && this.#context.call.isPaused()) this.#context.call.resume();
    this.#announce(pending);
  }

  /** Tells the registry, and through it the rules, of frames that are durable now. */
  #announce({ live, backfilledMs }: Pending): void {
    const nowMs = this.#context.now();
    for (const timestampMs of backfilledMs) this.#context.hosts.backfilled(this.agentId, timestampMs);
    for (const { refs, values, firstMs, timestampMs, clockOffsetUs } of live) {
      this.#context.metrics.lag.set(Math.max(0, nowMs - timestampMs) / 1000);
      const { instance } = this.#context.record;
      const frame = { agentId: this.agentId, instance, firstMs, timestampMs, refs, values };
      this.#context.hosts.frame(frame, nowMs, clockOffsetUs / 1000);
    }
  }

  #refuse(frame: DecodedFrame, reason: RefusalReason, outcome: string | undefined, detail: string): void {
    if (outcome !== undefined) this.#context.metrics.frames.inc({ outcome });
    const batch = new AckBatch();
    batch.refused(frame.epoch, frame.sequence, reason, detail);
    this.#send(batch);
  }

  #send(batch: AckBatch): void {
    if (this.#ended) return;
    this.#context.call.write(
      batch.toResponse({
        sentAtUs: this.#newestSentAtUs,
        receivedAtUs: this.#newestReceivedAtUs,
        answeredAtUs: this.#context.now() * 1000,
      }),
    );
  }
}

function takeNews(
  live: News[],
  { values, timestampMs, clockOffsetUs }: DecodedFrame,
  refs: Uint32Array,
): void {
  const known = live.at(-1);
  if (known?.refs !== refs) {
    live.push({ refs, values: values.slice(), firstMs: timestampMs, timestampMs, clockOffsetUs });
    return;
  }
  known.values.set(values);
  known.timestampMs = timestampMs;
  // One that was not measured says nothing of the one that was.
  if (!Number.isNaN(clockOffsetUs)) known.clockOffsetUs = clockOffsetUs;
}
