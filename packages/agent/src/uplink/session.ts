import { create } from '@bufbuild/protobuf';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import {
  type Ack,
  type Dictionary,
  type Facts,
  FrameSchema,
  HelloSchema,
  PROTOCOL_VERSION,
  type SequenceRange,
  type StreamRequest,
  StreamRequestSchema,
  type StreamResponse,
  type Welcome,
} from '@plimsoll/proto';
import type { NewFrame } from '../frame/framer.ts';
import { BACKFILL_BATCH_FRAMES, DEFAULT_FRAMES_IN_FLIGHT, MAX_DEFINED_DICTIONARIES } from '../limits.ts';
import type { ClockOffset } from './clock-offset.ts';
import type { FrameSource, KeptFrame } from './frame-source.ts';
import type { Identity } from './identity.ts';

export type TelemetryCall = ClientDuplexStream<StreamRequest, StreamResponse>;

/** What happens on a stream, told to the uplink. */
export interface SessionEvents {
  readonly welcomed: (welcome: Welcome) => void;
  readonly acknowledged: (ack: Ack) => void;
  readonly sent: (backfill: boolean) => void;
  /** A frame that can never be sent on any stream of this collector. */
  readonly unsendable: (frame: KeptFrame, maxMessageBytes: number) => void;
}

export interface SessionParts {
  readonly call: TelemetryCall;
  readonly identity: Identity;
  readonly source: FrameSource;
  readonly clock: ClockOffset;
  readonly events: SessionEvents;
  /** Wall clock, milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly facts: () => Facts | undefined;
}

/** Bytes of a frame message beside its values, generously. */
const FRAME_OVERHEAD_BYTES = 128;

/**
 * One stream, from Hello to its end:
 *
 *     greeting --Welcome--> streaming --Ack*--> (the call ends)
 *
 * Live frames may use the whole window of frames in flight, backfill leaves a quarter of it free for them.
 */
export class Session {
  readonly #parts: SessionParts;
  readonly #defined = new Set<string>();
  readonly #inFlight = new Map<string, { readonly epoch: number; readonly sequence: number }>();
  #window = 0;
  #maxMessageBytes = Number.POSITIVE_INFINITY;
  #welcomed = false;
  #clogged = false;
  #pumping = false;
  #closed = false;
  #progressAt: number;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#progressAt = performance.now();
    parts.call.on('data', (response: StreamResponse) => this.#receive(response));
    parts.call.on('drain', () => {
      this.#clogged = false;
      this.#pump();
    });
    this.#greet();
  }

  get welcomed(): boolean {
    return this.#welcomed;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Milliseconds without an answer that is due; 0 when none is. */
  stalledMs(): number {
    return this.#welcomed && this.#inFlight.size === 0 ? 0 : performance.now() - this.#progressAt;
  }

  /** Sends a frame that has just been collected, if the stream is open and the window has room. */
  offer(frame: NewFrame): void {
    if (!this.#welcomed || this.#closed || this.#inFlight.size >= this.#window) return;
    this.#parts.source.claim(frame.epoch, frame.sequence);
    this.#send(frame, false, frame.amendment);
  }

  sendFacts(facts: Facts): void {
    if (this.#welcomed && !this.#closed) this.#write({ case: 'facts', value: facts });
  }

  /** No more is written; what is in flight may still be acknowledged. */
  close(): void {
    this.#closed = true;
  }

  #greet(): void {
    const { identity, now } = this.#parts;
    this.#write({
      case: 'hello',
      value: create(HelloSchema, {
        protocolVersion: PROTOCOL_VERSION,
        agentVersion: identity.agentVersion,
        agentId: identity.agentId,
        machineIdHash: identity.machineIdHash,
        instance: identity.instance,
        epoch: BigInt(identity.epoch),
        labels: { ...identity.labels },
        collectIntervalMs: identity.collectIntervalMs,
        sentAtUs: BigInt(now() * 1000),
        agentKey: identity.key,
      }),
    });
  }

  #receive(response: StreamResponse): void {
    this.#progressAt = performance.now();
    const { message } = response;
    if (message.case === 'welcome') this.#welcome(message.value);
    else if (message.case === 'ack') this.#acknowledge(message.value);
  }

  #welcome(welcome: Welcome): void {
    const { source, clock, events, facts, now } = this.#parts;
    this.#welcomed = true;
    this.#window = welcome.limits?.maxFramesInFlight || DEFAULT_FRAMES_IN_FLIGHT;
    this.#maxMessageBytes = welcome.limits?.maxMessageBytes || Number.POSITIVE_INFINITY;
    for (const range of welcome.received)
      source.settle(Number(range.epoch), Number(range.first), Number(range.last));
    if (welcome.clock !== undefined) clock.add(welcome.clock, now() * 1000);
    events.welcomed(welcome);
    const known = facts();
    if (known !== undefined) this.sendFacts(known);
    this.#pump();
  }

  #acknowledge(ack: Ack): void {
    const { source, clock, events, now } = this.#parts;
    for (const range of ack.durable) {
      source.settle(Number(range.epoch), Number(range.first), Number(range.last));
      this.#landed(range);
    }
    for (const { epoch, sequence } of ack.refused) {
      source.settle(Number(epoch), Number(sequence), Number(sequence));
      this.#inFlight.delete(frameKey(Number(epoch), Number(sequence)));
    }
    if (ack.clock !== undefined) clock.add(ack.clock, now() * 1000);
    events.acknowledged(ack);
    this.#pump();
  }

  #landed(range: SequenceRange): void {
    const epoch = Number(range.epoch);
    for (const [key, frame] of this.#inFlight) {
      if (frame.epoch === epoch && frame.sequence >= range.first && frame.sequence <= range.last) {
        this.#inFlight.delete(key);
      }
    }
  }

  /** Sends backfill in batches while there is room, letting everything else run in between. */
  #pump(): void {
    if (this.#pumping || this.#clogged || this.#closed || !this.#welcomed) return;
    const reserved = Math.max(1, Math.floor(this.#window / 4));
    const room = Math.max(1, this.#window - reserved) - this.#inFlight.size;
    if (room <= 0) return;
    const frames = this.#parts.source.take(Math.min(room, BACKFILL_BATCH_FRAMES));
    if (frames.length === 0) return;
    for (const frame of frames) this.#send(frame, true, undefined);
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #send(frame: KeptFrame, backfill: boolean, amendment: Dictionary | undefined): void {
    const { source, events, clock, now } = this.#parts;
    if (frame.values.length + FRAME_OVERHEAD_BYTES > this.#maxMessageBytes) {
      source.settle(frame.epoch, frame.sequence, frame.sequence);
      events.unsendable(frame, this.#maxMessageBytes);
      return;
    }
    this.#define(frame, amendment);
    if (this.#inFlight.size === 0) this.#progressAt = performance.now();
    this.#inFlight.set(frameKey(frame.epoch, frame.sequence), frame);
    const offsetUs = clock.us;
    this.#write({
      case: 'frame',
      value: create(FrameSchema, {
        epoch: BigInt(frame.epoch),
        sequence: BigInt(frame.sequence),
        timestampMs: BigInt(frame.timestampMs),
        dictionaryVersion: frame.dictionaryVersion,
        values: frame.values,
        backfill,
        sentAtUs: BigInt(now() * 1000),
        ...(offsetUs === undefined ? {} : { clockOffsetUs: BigInt(offsetUs) }),
      }),
    });
    events.sent(backfill);
  }

  #define(frame: KeptFrame, amendment: Dictionary | undefined): void {
    const { epoch, dictionaryVersion: version } = frame;
    if (this.#defined.has(`${epoch}/${version}`)) return;
    const amends = amendment !== undefined && this.#defined.has(`${epoch}/${version - 1}`);
    this.#write({ case: 'dictionary', value: amends ? amendment : frame.dictionary() });
    this.#defined.add(`${epoch}/${version}`);
    if (this.#defined.size <= MAX_DEFINED_DICTIONARIES) return;
    for (const oldest of this.#defined) {
      this.#defined.delete(oldest);
      break;
    }
  }

  #write(message: StreamRequest['message']): void {
    if (!this.#parts.call.write(create(StreamRequestSchema, { message }))) this.#clogged = true;
  }
}

function frameKey(epoch: number, sequence: number): string {
  return `${epoch}/${sequence}`;
}
