import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { Client, type ClientDuplexStream, credentials, type ServiceError, status } from '@grpc/grpc-js';
import {
  RefusalReason,
  type StreamRequest,
  StreamRequestSchema,
  type StreamResponse,
  telemetryServiceDefinition,
} from '@plimsoll/proto';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileConfig } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { openHostRegistry, type WritableHostRegistry } from '../hosts/open-host-registry.ts';
import { openEmbeddedStore } from '../telemetry/embedded/open-embedded-store.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import { type Ingest, startIngest, type StreamEvent } from './start-ingest.ts';

const { path: method } = telemetryServiceDefinition.stream;
/** Agents the registry of a test takes in. */
const MAX_AGENTS = 2;
const EPOCH = 1_700_000_000_000_000n;

/** A hand-driven agent: it writes bytes, well-formed or not, and keeps what comes back. */
class Caller implements Disposable {
  readonly responses: StreamResponse[] = [];
  readonly ended: Promise<ServiceError>;
  readonly #client: Client;
  readonly #call: ClientDuplexStream<Buffer, StreamResponse>;
  #wake: (() => void) | undefined;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
    this.#call = this.#client.makeBidiStreamRequest(
      method,
      (bytes: Buffer) => bytes,
      telemetryServiceDefinition.stream.responseDeserialize,
    );
    this.#call.on('data', (response: StreamResponse) => {
      this.responses.push(response);
      this.#wake?.();
    });
    this.ended = new Promise((resolve) => {
      this.#call.on('error', (error: ServiceError) => resolve(error));
    });
  }

  bytes(bytes: Uint8Array): void {
    this.#call.write(Buffer.from(bytes));
  }

  hello(
    fields: {
      agentId?: string;
      instance?: string;
      epoch?: bigint;
      key?: number;
      machine?: number;
      labels?: Record<string, string>;
    } = {},
  ): void {
    this.#send({
      case: 'hello',
      value: {
        $typeName: 'plimsoll.v1.Hello',
        protocolVersion: 1,
        agentVersion: 'test',
        agentId: fields.agentId ?? agentId,
        machineIdHash: new Uint8Array(32).fill(fields.machine ?? 1),
        instance: fields.instance ?? 'db-1',
        epoch: fields.epoch ?? EPOCH,
        labels: fields.labels ?? {},
        collectIntervalMs: 1000,
        sentAtUs: BigInt(Date.now()) * 1000n,
        agentKey: new Uint8Array(32).fill(fields.key ?? 7),
      },
    });
  }

  dictionary(names: readonly string[], version = 1, size = names.length): void {
    this.#send({
      case: 'dictionary',
      value: {
        $typeName: 'plimsoll.v1.Dictionary',
        epoch: EPOCH,
        version,
        size,
        slots: names.map((name, slot) => ({
          $typeName: 'plimsoll.v1.SlotDefinition' as const,
          slot,
          name,
          labels: ['device', `d${slot}`],
        })),
        families: [],
      },
    });
  }

  frame(sequence: number, values: readonly number[], timestampMs = Date.now(), dictionaryVersion = 1): void {
    this.#send({
      case: 'frame',
      value: {
        $typeName: 'plimsoll.v1.Frame',
        epoch: EPOCH,
        sequence: BigInt(sequence),
        timestampMs: BigInt(timestampMs),
        dictionaryVersion,
        values: new Uint8Array(Float64Array.from(values).buffer),
        backfill: false,
        sentAtUs: BigInt(Date.now()) * 1000n,
      },
    });
  }

  /** Sequences acknowledged as durable so far. */
  get durable(): number[] {
    return this.responses.flatMap(({ message }) =>
      message.case === 'ack'
        ? message.value.durable.flatMap(({ first, last }) =>
            Array.from({ length: Number(last - first) + 1 }, (_, n) => Number(first) + n),
          )
        : [],
    );
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  [Symbol.dispose](): void {
    this.#call.cancel();
    this.#client.close();
  }

  #send(message: StreamRequest['message']): void {
    this.bytes(toBinary(StreamRequestSchema, create(StreamRequestSchema, { message })));
  }
}

let directory: string;
let store: TelemetryStore;
let hosts: WritableHostRegistry;
let ingest: Ingest;
let metrics: Registry;
let agentId: string;
let config: FileConfig;
let streams: StreamEvent[];

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-ingest-'));
  metrics = new Registry();
  agentId = randomUUID();
  streams = [];
  config = (await loadConfig({ flags: {}, env: {}, readFile: async () => '' })).file;
  const runtime = { now: Date.now, log: pino({ level: 'silent' }), metrics };
  store = await openEmbeddedStore({ path: directory, runtime, options: { commitIntervalMs: 10 } });
  hosts = openHostRegistry(directory, Date.now, MAX_AGENTS);
  ingest = await startIngest({
    runtime,
    store,
    hosts,
    listenAddress: '127.0.0.1:0',
    version: 'test',
    config: () => config,
    onStream: (event) => streams.push(event),
  });
});

afterEach(async () => {
  await ingest[Symbol.asyncDispose]();
  hosts[Symbol.dispose]();
  await store[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

async function samples(name: string): Promise<number[][]> {
  const series = await store.select({
    matchers: [{ name: '__name__', type: '=', value: name }],
    startMs: 0,
    endMs: Date.now() + 3_600_000,
  });
  return series.map(({ values }) => Array.from(values));
}

describe('an agent stream', () => {
  it('acknowledges frames once they are durable, and stores a repeated one once', async () => {
    using caller = new Caller(ingest.address);
    caller.hello();
    caller.dictionary(['load']);
    const at = Date.now();
    caller.frame(1, [1.5], at);
    caller.frame(1, [1.5], at);
    caller.frame(2, [2.5], at + 1000);
    await caller.until(
      () => caller.durable.includes(2) && caller.durable.filter((sequence) => sequence === 1).length > 0,
    );
    expect(await samples('load')).toEqual([[1.5, 2.5]]);
    expect(store.receivedRanges(agentId)).toEqual([{ epoch: Number(EPOCH), first: 1, last: 2 }]);
  });

  it('adds the labels of the target and keeps a clashing one as exported_', async () => {
    using caller = new Caller(ingest.address);
    caller.hello({ labels: { device: 'configured' } });
    caller.dictionary(['load']);
    caller.frame(1, [1]);
    await caller.until(() => caller.durable.length === 1);
    const [labels] = await store.series(
      [[{ name: '__name__', type: '=', value: 'load' }]],
      0,
      Date.now() + 1000,
    );
    expect(labels?.toRecord()).toEqual({
      __name__: 'load',
      job: 'node',
      instance: 'db-1',
      device: 'configured',
      exported_device: 'd0',
    });
  });

  it('tells listeners of live frames after they are durable', async () => {
    const seen: number[] = [];
    hosts.onFrame((frame) => seen.push(frame.values[0] ?? Number.NaN));
    using caller = new Caller(ingest.address);
    caller.hello();
    caller.dictionary(['load']);
    caller.frame(1, [3]);
    await caller.until(() => caller.durable.length === 1);
    expect(seen).toEqual([3]);
    expect(hosts.host('db-1')).toMatchObject({ state: 'up', connected: true, heard: true });
  });

  it('tells listeners of the newest of frames that became durable together, whatever series they have', async () => {
    const seen: { refs: number; value: number }[] = [];
    hosts.onFrame(({ refs, values }) => seen.push({ refs: refs.length, value: values[0] ?? Number.NaN }));
    using caller = new Caller(ingest.address);
    caller.hello();
    caller.dictionary(['load']);
    for (let sequence = 1; sequence <= 50; sequence++)
      caller.frame(sequence, [sequence], Date.now() - 100 + sequence);
    caller.dictionary(['load', 'other'], 2);
    for (let sequence = 51; sequence <= 100; sequence++)
      caller.frame(sequence, [sequence, 0], Date.now() - 100 + sequence, 2);
    await caller.until(() => caller.durable.includes(100));
    const of = (refs: number): number[] =>
      seen.filter((each) => each.refs === refs).map(({ value }) => value);
    expect(of(1).at(-1)).toBe(50);
    expect(of(2).at(-1)).toBe(100);
    expect(seen.map(({ value }) => value)).toEqual(seen.map(({ value }) => value).toSorted((x, y) => x - y));
  });

  it('refuses for good what lies too far ahead, and what does not fit its dictionary; the stream goes on', async () => {
    using caller = new Caller(ingest.address);
    caller.hello();
    caller.dictionary(['load']);
    caller.frame(1, [1], Date.now() + 3_600_000);
    caller.frame(2, [1, 2]);
    caller.frame(3, [1], Date.now(), 9);
    caller.frame(4, [1]);
    await caller.until(() => caller.durable.includes(4));
    const refused = caller.responses.flatMap(({ message }) =>
      message.case === 'ack' ? message.value.refused : [],
    );
    expect(refused.map(({ sequence, reason }) => [Number(sequence), reason])).toEqual([
      [1, RefusalReason.TOO_FAR_AHEAD],
      [2, RefusalReason.MALFORMED],
      [3, RefusalReason.MALFORMED],
    ]);
  });

  it('drops and counts series over the limits, and leaves the others alone', async () => {
    using caller = new Caller(ingest.address);
    caller.hello();
    caller.dictionary(['load', 'not a name']);
    caller.frame(1, [1, 2]);
    await caller.until(() => caller.durable.length === 1);
    expect(await samples('load')).toEqual([[1]]);
    expect(await metrics.getSingleMetricAsString('plimsoll_ingest_series_dropped_total')).toContain(
      'reason="invalid_name"} 1',
    );
  });
});

describe('the life of a stream', () => {
  it('is told with its beginning, its end and why', async () => {
    {
      using caller = new Caller(ingest.address);
      caller.hello();
      await caller.until(() => caller.responses.length > 0);
      expect(streams).toMatchObject([
        { type: 'stream.opened', agentId, instance: 'db-1', epoch: Number(EPOCH) },
      ]);
      caller.bytes(Uint8Array.of(0xff));
      await caller.ended;
    }
    expect(streams.slice(1)).toMatchObject([
      { type: 'stream.closed', agentId, reason: 'refused: invalid_argument' },
    ]);
  });
});

describe('what a stream refuses', () => {
  it('bytes that are no request: INVALID_ARGUMENT, and other streams are undisturbed', async () => {
    using good = new Caller(ingest.address);
    good.hello();
    good.dictionary(['load']);
    using bad = new Caller(ingest.address);
    bad.bytes(Uint8Array.of(0xff, 0xff, 0xff));
    expect((await bad.ended).code).toBe(status.INVALID_ARGUMENT);
    good.frame(1, [1]);
    await good.until(() => good.durable.length === 1);
  });

  it('a frame before Hello, a second Hello, an amendment without its base: INVALID_ARGUMENT', async () => {
    using early = new Caller(ingest.address);
    early.frame(1, [1]);
    expect(await early.ended).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'a stream begins with Hello',
    });
    using twice = new Caller(ingest.address);
    twice.hello();
    twice.hello();
    expect((await twice.ended).code).toBe(status.INVALID_ARGUMENT);
  });

  it('a message over the limit: RESOURCE_EXHAUSTED', async () => {
    using caller = new Caller(ingest.address);
    caller.hello();
    caller.bytes(new Uint8Array(config.ingest.maxMessageBytes + 1));
    expect((await caller.ended).code).toBe(status.RESOURCE_EXHAUSTED);
  });

  it('a dictionary whose frames no message could hold: INVALID_ARGUMENT', async () => {
    using caller = new Caller(ingest.address);
    caller.hello();
    caller.dictionary(['load'], 1, 0xff_ff_ff_ff);
    expect(await caller.ended).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('4294967295 slots'),
    });
  });

  it('one agent more than it takes, and goes on with those it knows: RESOURCE_EXHAUSTED', async () => {
    for (let n = 0; n < MAX_AGENTS; n++) {
      using caller = new Caller(ingest.address);
      caller.hello({ agentId: n === 0 ? agentId : randomUUID(), instance: `db-${n}` });
      await caller.until(() => caller.responses.length > 0);
    }
    using another = new Caller(ingest.address);
    another.hello({ agentId: randomUUID(), instance: 'db-another' });
    expect((await another.ended).code).toBe(status.RESOURCE_EXHAUSTED);
    using known = new Caller(ingest.address);
    known.hello({ instance: 'db-0' });
    await known.until(() => known.responses.length > 0);
  });

  it('reserved labels', async () => {
    using caller = new Caller(ingest.address);
    caller.hello({ labels: { instance: 'other' } });
    expect(await caller.ended).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('reserved'),
    });
  });

  it('a clone: ALREADY_EXISTS, shown among the hosts, and the first stream goes on', async () => {
    using first = new Caller(ingest.address);
    first.hello();
    first.dictionary(['load']);
    await first.until(() => first.responses.length > 0);
    using clone = new Caller(ingest.address);
    clone.hello({ epoch: EPOCH + 1n });
    expect((await clone.ended).code).toBe(status.ALREADY_EXISTS);
    using thief = new Caller(ingest.address);
    thief.hello({ agentId: randomUUID(), key: 9 });
    expect((await thief.ended).code).toBe(status.ALREADY_EXISTS);
    using forger = new Caller(ingest.address);
    forger.hello({ key: 8 });
    expect((await forger.ended).code).toBe(status.UNAUTHENTICATED);
    expect(hosts.hosts().filter(({ state }) => state === 'refused').length).toBe(2);
    first.frame(1, [1]);
    await first.until(() => first.durable.length === 1);
  });
});
