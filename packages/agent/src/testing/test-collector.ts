import { create } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';
import {
  AckSchema,
  ClockEchoSchema,
  type Dictionary,
  type Facts,
  type Frame,
  type Hello,
  LimitsSchema,
  type RefusalReason,
  RefusedFrameSchema,
  SequenceRangeSchema,
  type StreamRequest,
  type StreamResponse,
  StreamResponseSchema,
  telemetryServiceDefinition,
  WelcomeSchema,
} from '@plimsoll/proto';
import { DictionaryState } from '../frame/dictionary-state.ts';

/** What the collector of a test does with each frame. */
export type FrameVerdict = 'durable' | 'hold' | { readonly refuse: RefusalReason };

/** A small real collector over a real socket, for tests: remembers what it was sent and answers as it is told. */
export class TestCollector implements AsyncDisposable {
  readonly hellos: Hello[] = [];
  readonly frames: Frame[] = [];
  readonly facts: Facts[] = [];
  readonly errors: string[] = [];
  framesInFlight = 64;
  maxMessageBytes = 4 * 1024 * 1024;
  incarnation = 'first';
  /** The collector's clock minus the real one, milliseconds. */
  clockAheadMs = 0;
  verdict: (frame: Frame) => FrameVerdict = () => 'durable';
  refuseHello: { code: status; details: string } | undefined;
  received: { epoch: bigint; first: bigint; last: bigint }[] = [];
  #server = new Server();
  readonly #calls = new Set<ServerDuplexStream<StreamRequest, StreamResponse>>();
  #port = 0;

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async start(): Promise<this> {
    this.#server = new Server();
    this.#server.addService(telemetryServiceDefinition, {
      stream: (call: ServerDuplexStream<StreamRequest, StreamResponse>) => this.#serve(call),
    });
    this.#port = await new Promise((resolve, reject) => {
      this.#server.bindAsync(this.address, ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    return this;
  }

  /** Goes away as a killed process does; `start` brings it back on the same port. */
  async kill(): Promise<void> {
    this.#server.forceShutdown();
    this.#calls.clear();
  }

  /** Acknowledges frames that were held. */
  release(frames: readonly Frame[]): void {
    for (const call of this.#calls) for (const frame of frames) this.#acknowledge(call, frame);
  }

  /** The sequences received as live frames, or as backfill, of one epoch. */
  sequences(epoch: number, backfill?: boolean): number[] {
    return this.frames
      .filter(
        (frame) => Number(frame.epoch) === epoch && (backfill === undefined || frame.backfill === backfill),
      )
      .map((frame) => Number(frame.sequence));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #serve(call: ServerDuplexStream<StreamRequest, StreamResponse>): void {
    this.#calls.add(call);
    const dictionaries = new Map<string, DictionaryState>();
    call.on('error', () => undefined);
    call.on('end', () => call.end());
    call.on('close', () => this.#calls.delete(call));
    call.on('data', ({ message }: StreamRequest) => {
      switch (message.case) {
        case 'hello':
          this.#welcome(call, message.value);
          break;
        case 'dictionary':
          this.#define(dictionaries, message.value);
          break;
        case 'frame':
          this.#take(call, dictionaries, message.value);
          break;
        case 'facts':
          this.facts.push(message.value);
          break;
        case undefined:
          this.errors.push('a request without a message');
          break;
        default:
          this.errors.push('an unknown request');
      }
    });
  }

  #welcome(call: ServerDuplexStream<StreamRequest, StreamResponse>, hello: Hello): void {
    this.hellos.push(hello);
    if (this.refuseHello !== undefined) {
      call.emit('error', this.refuseHello);
      return;
    }
    const welcome = create(WelcomeSchema, {
      protocolVersion: hello.protocolVersion,
      collectorVersion: 'test',
      incarnation: this.incarnation,
      received: this.received.map((range) => create(SequenceRangeSchema, range)),
      limits: create(LimitsSchema, {
        maxFramesInFlight: this.framesInFlight,
        maxMessageBytes: this.maxMessageBytes,
      }),
      clock: this.#echo(hello.sentAtUs),
    });
    call.write(create(StreamResponseSchema, { message: { case: 'welcome', value: welcome } }));
  }

  #define(dictionaries: Map<string, DictionaryState>, dictionary: Dictionary): void {
    const epoch = Number(dictionary.epoch);
    const state = new DictionaryState(epoch);
    const base = dictionaries.get(`${epoch}/${dictionary.version - 1}`);
    if (dictionary.version > 1 && dictionary.slots.length < dictionary.size) {
      if (base === undefined) this.errors.push(`dictionary ${dictionary.version} amends an unknown one`);
      else state.apply(base.complete());
    }
    state.apply(dictionary);
    dictionaries.set(`${epoch}/${dictionary.version}`, state);
  }

  #take(
    call: ServerDuplexStream<StreamRequest, StreamResponse>,
    dictionaries: Map<string, DictionaryState>,
    frame: Frame,
  ): void {
    const dictionary = dictionaries.get(`${Number(frame.epoch)}/${frame.dictionaryVersion}`);
    if (dictionary === undefined) this.errors.push(`frame ${frame.sequence} before its dictionary`);
    else if (frame.values.length !== dictionary.complete().size * 8) {
      this.errors.push(
        `frame ${frame.sequence} has ${frame.values.length} bytes for ${dictionary.complete().size}`,
      );
    }
    this.frames.push(frame);
    const verdict = this.verdict(frame);
    if (verdict === 'durable') this.#acknowledge(call, frame);
    else if (verdict !== 'hold') {
      const { epoch, sequence } = frame;
      const refused = [create(RefusedFrameSchema, { epoch, sequence, reason: verdict.refuse })];
      const ack = create(AckSchema, { refused, clock: this.#echo(frame.sentAtUs) });
      call.write(create(StreamResponseSchema, { message: { case: 'ack', value: ack } }));
    }
  }

  #acknowledge(call: ServerDuplexStream<StreamRequest, StreamResponse>, frame: Frame): void {
    const { epoch, sequence } = frame;
    const ack = create(AckSchema, {
      durable: [create(SequenceRangeSchema, { epoch, first: sequence, last: sequence })],
      clock: this.#echo(frame.sentAtUs),
    });
    call.write(create(StreamResponseSchema, { message: { case: 'ack', value: ack } }));
  }

  #echo(sentAtUs: bigint): ReturnType<typeof create<typeof ClockEchoSchema>> {
    const now = BigInt((Date.now() + this.clockAheadMs) * 1000);
    return create(ClockEchoSchema, { sentAtUs, receivedAtUs: now, answeredAtUs: now });
  }
}
