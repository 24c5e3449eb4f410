import { status } from '@grpc/grpc-js';
import { RefusalReason } from '@plimsoll/proto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeFacts } from '../facts.ts';
import { Framer, type NewFrame } from '../frame/framer.ts';
import { KeyedRuns } from '../frame/keyed-runs.ts';
import { gauge, seriesOf } from '../frame/series.ts';
import { SeriesTable } from '../frame/series-table.ts';
import type { Log } from '../log.ts';
import { MemoryFrames } from './memory-frames.ts';
import { TestCollector } from '../testing/test-collector.ts';
import { createUplink, type Uplink } from './uplink.ts';

const EPOCH = 1_700_000_000_000_000;
const WAIT = { timeout: 10_000, interval: 5 };

describe('the uplink, over a real socket', () => {
  let collector: TestCollector;
  let frames: MemoryFrames;
  let messages: string[];
  let uplink: Uplink | undefined;
  const table = { current: new SeriesTable() };
  let framer: Framer;
  let runs: KeyedRuns;
  const note = (fields: object, message: string): void =>
    void messages.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: note, info: note, warn: note, error: note };

  beforeEach(async () => {
    collector = await new TestCollector().start();
    frames = new MemoryFrames(10_000);
    messages = [];
    table.current = new SeriesTable();
    framer = new Framer(table.current, EPOCH);
    runs = new KeyedRuns(table.current, (device) => seriesOf([gauge('m', 'M.')], { device }));
  });

  afterEach(async () => {
    await uplink?.[Symbol.asyncDispose]();
    await collector[Symbol.asyncDispose]();
  });

  function connect(): Uplink {
    uplink = createUplink({
      address: collector.address,
      identity: {
        agentId: '11111111-2222-4333-8444-555555555555',
        machineIdHash: new Uint8Array(32),
        key: new Uint8Array(32),
        instance: 'host-1',
        epoch: EPOCH,
        labels: {},
        collectIntervalMs: 1000,
        agentVersion: 'test',
      },
      source: frames,
      log,
      random: () => 0.01,
    });
    return uplink;
  }

  function collect(devices = 1): NewFrame {
    table.current.begin();
    runs.begin();
    for (let i = 0; i < devices; i++) table.current.set(runs.at(`d${i}`), i);
    runs.end();
    const frame = framer.take(Date.now());
    frames.append(frame);
    uplink?.offer(frame);
    return frame;
  }

  const settled = (): Promise<void> => vi.waitFor(() => expect(frames.size).toBe(0), WAIT);
  const connected = (): Promise<void> => vi.waitFor(() => expect(uplink?.stats.connected).toBe(true), WAIT);

  it('sends live frames at once, the dictionary once and then only what changes', async () => {
    connect();
    await connected();
    for (const devices of [2, 2, 3, 3, 1, 1]) collect(devices);
    await settled();
    expect(collector.errors).toEqual([]);
    expect(collector.sequences(EPOCH, false)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(uplink?.stats).toMatchObject({ framesSent: 6, framesBackfilled: 0, framesAcknowledged: 6 });
  });

  it('sends what was collected while the collector was away, all of it, as backfill', async () => {
    connect();
    await connected();
    collect();
    await settled();
    await collector.kill();
    await vi.waitFor(() => expect(uplink?.stats.connected).toBe(false), WAIT);
    for (let i = 0; i < 200; i++) collect(1 + (i % 3));
    await collector.start();
    await settled();
    expect(collector.errors).toEqual([]);
    expect(collector.sequences(EPOCH, true)).toEqual(Array.from({ length: 200 }, (_, i) => i + 2));
    expect(messages.filter((message) => message.includes('is down'))).toHaveLength(1);
  });

  it('sends again what was in flight when the stream was lost', async () => {
    collector.verdict = () => 'hold';
    connect();
    await connected();
    for (let i = 0; i < 5; i++) collect();
    await vi.waitFor(() => expect(collector.frames).toHaveLength(5), WAIT);
    await collector.kill();
    collector.verdict = () => 'durable';
    await collector.start();
    await settled();
    expect(collector.sequences(EPOCH, true)).toEqual([1, 2, 3, 4, 5]);
  });

  it('keeps to the window, and leaves room in it for live frames', async () => {
    collector.framesInFlight = 8;
    collector.verdict = () => 'hold';
    for (let i = 0; i < 50; i++) collect();
    connect();
    await vi.waitFor(() => expect(collector.frames).toHaveLength(6), WAIT);
    expect(collector.sequences(EPOCH)).toEqual([1, 2, 3, 4, 5, 6]);
    collect();
    collect();
    await vi.waitFor(() => expect(collector.frames).toHaveLength(8), WAIT);
    expect(collector.sequences(EPOCH, false)).toEqual([51, 52]);
    // The window is full: this one becomes backfill.
    collect();
    collector.verdict = () => 'durable';
    collector.release([...collector.frames]);
    await settled();
    expect([...collector.sequences(EPOCH)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 53 }, (_, i) => i + 1),
    );
    expect(collector.errors).toEqual([]);
  });

  it('does not send what the collector says it has', async () => {
    for (let i = 0; i < 10; i++) collect();
    collector.received = [{ epoch: BigInt(EPOCH), first: 3n, last: 8n }];
    connect();
    await settled();
    expect(collector.sequences(EPOCH)).toEqual([1, 2, 9, 10]);
  });

  it('lets go of frames refused for good, and says which', async () => {
    collector.verdict = ({ sequence }) =>
      sequence === 2n ? { refuse: RefusalReason.TOO_FAR_AHEAD } : 'durable';
    connect();
    await connected();
    for (let i = 0; i < 3; i++) collect();
    await settled();
    expect(uplink?.stats).toMatchObject({ framesAcknowledged: 2, framesRefused: 1 });
    expect(
      messages.some((message) => message.includes('too far ahead') && message.includes('"sequence":2')),
    ).toBe(true);
  });

  it.each([
    ['ALREADY_EXISTS', status.ALREADY_EXISTS, '--instance'],
    ['UNAUTHENTICATED', status.UNAUTHENTICATED, 'agent.json'],
    ['FAILED_PRECONDITION', status.FAILED_PRECONDITION, 'upgrade'],
  ])(
    'says what to do when refused with %s, keeps the frames, and comes in once admitted',
    async (name, code, advice) => {
      collector.refuseHello = { code, details: 'no' };
      connect();
      collect();
      await vi.waitFor(() => expect(collector.hellos.length).toBeGreaterThan(2), WAIT);
      const told = messages.filter((message) => message.startsWith('the collector refuses this agent'));
      expect(told).toHaveLength(1);
      expect(told[0]).toContain(name);
      expect(told[0]).toContain(advice);
      expect(frames.size).toBe(1);
      collector.refuseHello = undefined;
      await settled();
    },
  );

  it('measures its clock against the collector and tells so in frames', async () => {
    collector.clockAheadMs = 7_000;
    connect();
    await connected();
    collect();
    await settled();
    expect(uplink?.stats.clockOffsetSeconds).toBeCloseTo(-7, 0);
    expect(Number(collector.frames[0]?.clockOffsetUs)).toBeLessThan(-6_500_000);
  });

  it('drops a frame over the message limit instead of trying it for ever', async () => {
    collector.maxMessageBytes = 2_000;
    connect();
    await connected();
    collect(1_000);
    collect(1);
    await settled();
    expect(collector.sequences(EPOCH)).toEqual([]);
    expect(messages.some((message) => message.includes('larger than'))).toBe(true);
  });

  it('tells the inventory on every stream', async () => {
    connect();
    uplink?.sendFacts(
      encodeFacts({
        hostname: 'h',
        os: 'Debian',
        osVersion: '12',
        kernel: '6',
        architecture: 'x64',
        virtualization: '',
        manufacturer: '',
        model: '',
        cpuModel: '',
        cpuCount: 2,
        memoryBytes: 8e9,
        disks: [{ name: '/dev/sda', type: 'SSD', model: 'x', sizeBytes: Number.NaN }],
        networkInterfaces: [],
        bootTimeMs: 1,
        timezone: 'UTC',
      }),
    );
    await vi.waitFor(() => expect(collector.facts).toHaveLength(1), WAIT);
    await collector.kill();
    await collector.start();
    await vi.waitFor(() => expect(collector.facts).toHaveLength(2), WAIT);
    expect(collector.facts[1]).toMatchObject({ os: 'Debian', memoryBytes: 8_000_000_000n });
    expect(collector.facts[1]?.disks[0]?.sizeBytes).toBe(0n);
  });
});
