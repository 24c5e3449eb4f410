import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import {
  MetricType,
  PROTOCOL_VERSION,
  type StreamRequest,
  StreamRequestSchema,
  type StreamResponse,
  telemetryServiceDefinition,
} from '@plimsoll/proto';
import { type SimulatedSeries, SimulatedValues } from '../../../packages/cli/src/fleet/simulated-host.ts';
import { uuidOf } from '../../../packages/cli/src/fleet/uuid-of.ts';

export interface LoadStreamOptions {
  readonly address: string;
  readonly instance: string;
  readonly series: readonly SimulatedSeries[];
  readonly seed: number;
  readonly intervalMs: number;
  /** Labels of the host. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** One simulated agent without spool or reconnection: it measures the collector, nothing else. */
export class LoadStream implements Disposable {
  readonly values: SimulatedValues;
  readonly #options: LoadStreamOptions;
  readonly #client: Client;
  readonly #call: ClientDuplexStream<StreamRequest, StreamResponse>;
  readonly #epoch = Date.now() * 1000;
  #sequence = 0;
  #acknowledged = 0;
  #window = 0;
  #wake: (() => void) | undefined;
  #failure: Error | undefined;

  private constructor(options: LoadStreamOptions) {
    this.#options = options;
    this.values = new SimulatedValues(options.series, options.seed);
    this.#client = new Client(options.address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
    const { path, requestSerialize, responseDeserialize } = telemetryServiceDefinition.stream;
    this.#call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    this.#call.on('data', (response: StreamResponse) => this.#receive(response));
    this.#call.on('error', (error) => {
      this.#failure = error;
      this.#wake?.();
    });
  }

  /** Connects, says Hello and defines the dictionary. */
  static async open(options: LoadStreamOptions): Promise<LoadStream> {
    const stream = new LoadStream(options);
    stream.#hello();
    await stream.#until(() => stream.#window > 0);
    stream.#define();
    return stream;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get sent(): number {
    return this.#sequence;
  }

  /** Sends one collection once the window and the socket's buffer allow it. */
  async send(timestampMs: number, seconds: number): Promise<void> {
    await this.#room();
    await this.#write(timestampMs, this.values.next(seconds));
  }

  /** Sends one collection of given values, one for each series. */
  async sendValues(timestampMs: number, values: Float64Array): Promise<void> {
    await this.#room();
    await this.#write(timestampMs, values);
  }

  async #room(): Promise<void> {
    await this.#until(() => this.#sequence - this.#acknowledged < this.#window);
  }

  async #write(timestampMs: number, values: Float64Array): Promise<void> {
    const written = this.#call.write(
      create(StreamRequestSchema, {
        message: {
          case: 'frame',
          value: {
            $typeName: 'plimsoll.v1.Frame',
            epoch: BigInt(this.#epoch),
            sequence: BigInt(++this.#sequence),
            timestampMs: BigInt(timestampMs),
            dictionaryVersion: 1,
            values: new Uint8Array(values.buffer, 0, values.byteLength),
            backfill: false,
            sentAtUs: BigInt(Date.now()) * 1000n,
          },
        },
      }),
    );
    if (!written) await new Promise<void>((resolve) => this.#call.once('drain', resolve));
  }

  /** Waits until everything sent is durable. */
  async settled(): Promise<void> {
    await this.#until(() => this.#acknowledged >= this.#sequence);
  }

  [Symbol.dispose](): void {
    this.#call.on('error', () => undefined);
    this.#call.cancel();
    this.#client.close();
  }

  #hello(): void {
    const { instance, intervalMs, labels } = this.#options;
    this.#call.write(
      create(StreamRequestSchema, {
        message: {
          case: 'hello',
          value: {
            $typeName: 'plimsoll.v1.Hello',
            protocolVersion: PROTOCOL_VERSION,
            agentVersion: 'bench',
            agentId: uuidOf(instance),
            machineIdHash: createHash('sha256').update(instance).digest(),
            instance,
            epoch: BigInt(this.#epoch),
            labels: labels ?? { env: 'bench' },
            collectIntervalMs: intervalMs,
            sentAtUs: BigInt(Date.now()) * 1000n,
            agentKey: createHash('sha256').update(`key of ${instance}`).digest(),
          },
        },
      }),
    );
  }

  #define(): void {
    const { series } = this.#options;
    this.#call.write(
      create(StreamRequestSchema, {
        message: {
          case: 'dictionary',
          value: {
            $typeName: 'plimsoll.v1.Dictionary',
            epoch: BigInt(this.#epoch),
            version: 1,
            size: series.length,
            slots: series.map(({ name, labels }, slot) => ({
              $typeName: 'plimsoll.v1.SlotDefinition' as const,
              slot,
              name,
              labels: Object.keys(labels)
                .sort()
                .flatMap((label) => [label, labels[label] ?? '']),
            })),
            families: series.map(({ name, help, type }) => ({
              $typeName: 'plimsoll.v1.MetricFamily' as const,
              name,
              help,
              unit: '',
              type: type === 'counter' ? MetricType.COUNTER : MetricType.GAUGE,
            })),
          },
        },
      }),
    );
  }

  #receive(response: StreamResponse): void {
    const { message } = response;
    if (message.case === 'welcome') this.#window = message.value.limits?.maxFramesInFlight ?? 1;
    else if (message.case === 'ack') {
      for (const { first, last } of message.value.durable) this.#acknowledged += Number(last - first) + 1;
      const [refused] = message.value.refused;
      if (refused !== undefined)
        this.#failure = new Error(`frame ${refused.sequence} refused: ${refused.detail}`);
    }
    this.#wake?.();
  }

  async #until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (condition()) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
