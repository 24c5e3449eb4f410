import { Labels, type SelectRequest, type SeriesColumns } from '@plimsoll/promql';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, expect, test, vi } from 'vitest';
import type { HostState } from '../hosts/host-registry.ts';
import { filesystemForecastSchema, filesystemOutlookSchema } from './filesystem-outlook.ts';
import { type Capacity, startCapacity } from './start-capacity.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 3, 1, 12, 30);
const GIB = 2 ** 30;

let running: Capacity | undefined;
afterEach(async () => {
  await running?.[Symbol.asyncDispose]();
  running = undefined;
});

interface Disk {
  readonly instance?: string;
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype?: string;
  readonly days: number;
  /** Used fraction by days before now. */
  readonly used: (daysAgo: number) => number;
}

/** Three gauges every ten minutes, as an agent would send them; 5 % of each disk is reserved. */
function seriesOf({
  instance = 'db-1',
  device,
  mountpoint,
  fstype = 'ext4',
  days,
  used,
}: Disk): SeriesColumns[] {
  const length = Math.floor(days * 144);
  const timestamps = Float64Array.from({ length }, (_, i) => NOW_MS - (length - 1 - i) * 600_000);
  const make = (name: string, valueOf: (fraction: number) => number): SeriesColumns => ({
    labels: Labels.of({ __name__: name, instance, device, mountpoint, fstype, job: 'node' }),
    timestamps,
    values: timestamps.map((at) => valueOf(used((NOW_MS - at) / DAY_MS))),
  });
  const size = 100 * GIB;
  return [
    make('node_filesystem_size_bytes', () => size),
    make('node_filesystem_free_bytes', (fraction) => size * (1 - 0.95 * fraction)),
    make('node_filesystem_avail_bytes', (fraction) => 0.95 * size * (1 - fraction)),
  ];
}

/** Answers selects from columns, as a store would. */
function storeOf(...disks: Disk[]) {
  const all = disks.flatMap(seriesOf);
  const stats = {
    activeSeries: all.length,
    samplesAppended: 0,
    diskBytes: 0,
    logBytes: 0,
    oldestMs: Math.min(...all.map(({ timestamps }) => timestamps[0] ?? NOW_MS)),
    newestMs: NOW_MS,
    readOnlyReason: null,
  };
  const select = vi.fn<(request: SelectRequest) => Promise<SeriesColumns[]>>(
    async ({ matchers, startMs, endMs }: SelectRequest) =>
      all
        .filter(({ labels }) =>
          matchers.every(({ name, type, value }) => {
            const isEqual = type.endsWith('~')
              ? new RegExp(`^(?:${value})$`).test(labels.get(name))
              : labels.get(name) === value;
            return isEqual !== type.startsWith('!');
          }),
        )
        .map(({ labels, timestamps, values }) => {
          const inRange = (_: number, i: number) =>
            (timestamps[i] ?? 0) >= startMs && (timestamps[i] ?? 0) <= endMs;
          return { labels, timestamps: timestamps.filter(inRange), values: values.filter(inRange) };
        })
        .filter(({ timestamps }) => timestamps.length > 0),
  );
  return { select, stats: () => stats };
}

function host(instance: string): HostState {
  return {
    agentId: `agent of ${instance}`,
    instance,
    state: 'up',
    refusedReason: null,
    connected: true,
    heard: true,
    firstSeenMs: NOW_MS - DAY_MS,
    lastSeenMs: NOW_MS,
    collectIntervalMs: 10_000,
    agentVersion: '1',
    labels: {},
    clockOffsetMs: 0,
    facts: null,
  };
}

function flat(): number {
  return 0.3;
}

async function capacityOf(...disks: Disk[]): Promise<Capacity & { metrics: Registry }> {
  const metrics = new Registry();
  const instances = [...new Set(disks.map(({ instance }) => instance ?? 'db-1'))];
  const capacity = startCapacity({
    runtime: { now: () => NOW_MS, log: pino({ level: 'silent' }), metrics },
    store: storeOf(...disks),
    hosts: { hosts: () => instances.map(host) },
  });
  running = capacity;
  const refreshed = new Set<string>();
  capacity.onRefresh((instance) => refreshed.add(instance));
  await vi.waitFor(() => expect(refreshed.size).toBe(instances.length), { timeout: 10_000 });
  return Object.assign(capacity, { metrics });
}

test('tells when a steadily growing disk is full, in days and as instants', async () => {
  const capacity = await capacityOf({
    device: '/dev/vda1',
    mountpoint: '/',
    days: 20,
    used: (daysAgo) => 0.9 - daysAgo * 0.01 + 0.001 * Math.sin(daysAgo * 40),
  });
  const [outlook] = capacity.filesystems();
  expect(filesystemOutlookSchema.parse(outlook)).toEqual(outlook);
  expect(outlook).toMatchObject({
    instance: 'db-1',
    device: '/dev/vda1',
    mountpoint: '/',
    fstype: 'ext4',
    sizeBytes: 100 * GIB,
    outlook: 'filling',
  });
  expect(outlook?.utilisation).toBeCloseTo(0.9, 2);
  expect(outlook?.usedBytes).toBeCloseTo(0.9 * 0.95 * 100 * GIB, -8.5);
  expect(outlook?.historyDays).toBeCloseTo(20, 0);
  expect(outlook?.q50Days).toBeGreaterThan(8);
  expect(outlook?.q50Days).toBeLessThan(12);
  expect(outlook?.q10Days).toBeLessThanOrEqual(outlook?.q50Days ?? 0);
  const likely = Date.parse(outlook?.fullAt.likely ?? '');
  expect((likely - NOW_MS) / DAY_MS).toBeCloseTo(outlook?.q50Days ?? 0, 1);
});

test('says plainly how much history is missing', async () => {
  const capacity = await capacityOf({ device: '/dev/vda1', mountpoint: '/', days: 2.1, used: () => 0.5 });
  expect(capacity.filesystems()).toMatchObject([
    {
      outlook: 'not_enough_history',
      explanation: 'Not enough history: a date needs 5 days of it, there are 2.',
      q50Days: null,
      p7: null,
      fullAt: { earliest: null, likely: null, latest: null },
    },
  ]);
  const forecast = capacity.filesystemForecast('db-1', '/');
  expect(forecast?.forecast).toBeNull();
  expect(forecast?.history.values.length).toBeGreaterThan(48);
  expect(capacity.filesystemForecast('db-1', '/elsewhere')).toBeUndefined();
  expect(capacity.filesystem('db-1', '/')).toEqual(capacity.filesystems()[0]);
  expect(capacity.filesystem('db-1', '/elsewhere')).toBeUndefined();
});

test('draws the path from now on by the day, within what a disk can hold', async () => {
  const capacity = await capacityOf({
    device: '/dev/vda1',
    mountpoint: '/srv',
    days: 30,
    used: (daysAgo) => 0.8 - daysAgo * 0.01,
  });
  const forecast = capacity.filesystemForecast('db-1', '/srv');
  expect(filesystemForecastSchema.parse(forecast)).toEqual(forecast);
  const { timestamps = [], mean = [], lo80 = [], hi95 = [] } = forecast?.forecast ?? {};
  expect((timestamps[0] ?? 0) * 1000 - NOW_MS).toBe(DAY_MS);
  expect(mean[9]).toBeCloseTo(0.9, 1);
  expect(Math.max(...hi95)).toBe(1);
  expect(lo80.every((low, i) => low >= 0 && low <= (mean[i] ?? 0))).toBe(true);
});

test('watches disks, each once, and of overlays only a root; soonest to fill first', async () => {
  const capacity = await capacityOf(
    { device: '/dev/vda1', mountpoint: '/', days: 10, used: flat },
    { device: '/dev/vda1', mountpoint: '/etc/hosts', days: 10, used: flat },
    { device: 'tmpfs', mountpoint: '/run', fstype: 'tmpfs', days: 10, used: flat },
    {
      device: 'overlay',
      mountpoint: '/var/lib/containers/1/merged',
      fstype: 'overlay',
      days: 10,
      used: flat,
    },
    { device: 'overlay', mountpoint: '/', fstype: 'overlay', instance: 'pod-1', days: 10, used: flat },
    {
      device: '/dev/vdb',
      mountpoint: '/data',
      instance: 'pod-1',
      days: 10,
      used: (ago) => 0.95 - ago * 0.02,
    },
  );
  expect(capacity.filesystems().map(({ instance, mountpoint }) => `${instance} ${mountpoint}`)).toEqual([
    'pod-1 /data',
    'db-1 /',
    'pod-1 /',
  ]);
  expect(await capacity.metrics.getMetricsAsJSON()).toMatchObject([
    {
      name: 'plimsoll_capacity_filesystems',
      values: expect.arrayContaining([
        { labels: { outlook: 'filling' }, value: 1 },
        { labels: { outlook: 'not_filling' }, value: 2 },
      ]) as unknown,
    },
  ]);
});

test('forgets what was unmounted while its host went on', async () => {
  const capacity = await capacityOf(
    { device: '/dev/vda1', mountpoint: '/', days: 5, used: () => 0.3 },
    { device: '/dev/vdb', mountpoint: '/gone', days: 5, used: (ago) => (ago < 2 ? Number.NaN : 0.5) },
  );
  expect(capacity.filesystems().map(({ mountpoint }) => mountpoint)).toEqual(['/']);
});
