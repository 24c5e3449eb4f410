import path from 'node:path';
import type { Matcher, SeriesColumns } from '@plimsoll/promql';
import type { EmbeddedTelemetryStore } from '../../../packages/collector/src/telemetry/embedded/open-embedded-store.ts';
import { BareSqlite } from './bare-sqlite.ts';
import { quantile } from './figure.ts';
import { withStore } from './open-store.ts';
import { StoreHost } from './store-hosts.ts';

/** What one kind of scan costs, milliseconds of this process' CPU: medians. */
export interface ScanCost {
  readonly what: 'one' | 'hosts' | 'metric';
  /** Nothing of what is read was decoded before. */
  readonly coldMs: number;
  readonly warmMs: number;
  /** As many chunks with SQLite alone, and a pass over as many numbers. */
  readonly bareMs: number;
  readonly samples: number;
}

const SINGLES_PER_BATCH = 100;
const SINGLE_BATCHES = 20;
const SCANS = 15;
/** Series of the store, and how many of them a scan reads. */
const SERIES = 10_000;
const SCANNED = 2000;

/** Usage: scan-store.ts DIRECTORY START_MS END_MS HOSTS; prints a list of ScanCost as JSON. */
const [directory = '', start = '', end = '', hosts = ''] = process.argv.slice(2);
using bare = new BareSqlite(path.resolve(directory));
const range = { startMs: Number(start), endMs: Number(end) };

const costs: ScanCost[] = [
  await scanSingles(),
  await scan('hosts', [
    equal('job', 'node'),
    { name: 'instance', type: '=~', value: String.raw`host-000[01].*` },
  ]),
  await scan('metric', [
    equal('__name__', 'host_usage_percent'),
    { name: 'part', type: '=~', value: '00[01].' },
  ]),
];
console.log(JSON.stringify(costs));

/** Series one by one: in a batch each is another one, and the second round reads the same again. */
async function scanSingles(): Promise<ScanCost> {
  const all = Array.from({ length: SINGLES_PER_BATCH * SINGLE_BATCHES }, (_, n) => singleSeries(n));
  // The compiler's work is not part of a read: what it is given first is another store's life.
  await withStore(path.resolve(directory), async (store) => {
    for (const one of all) await read(store, one);
  });
  return withStore(path.resolve(directory), async (store) => {
    await store.compact();
    const cold: number[] = [];
    const warm: number[] = [];
    const limit: number[] = [];
    let samples = 0;
    for (let batch = 0; batch < SINGLE_BATCHES; batch++) {
      const part = all.slice(batch * SINGLES_PER_BATCH, (batch + 1) * SINGLES_PER_BATCH);
      for (const costMs of [cold, warm]) {
        const before = process.cpuUsage();
        for (const one of part) samples = await read(store, one);
        costMs.push(sinceMs(before) / SINGLES_PER_BATCH);
      }
      const numbers = new Float64Array(samples);
      const before = process.cpuUsage();
      for (let n = 0; n < SINGLES_PER_BATCH; n++) bare.read((batch * 997 + n * 101) % SERIES, 1, numbers);
      limit.push(sinceMs(before) / SINGLES_PER_BATCH);
    }
    return { what: 'one', ...mediansOf(cold, warm, limit), samples };
  });
}

/** Many series at once, in a store just opened, and again. */
async function scan(what: 'hosts' | 'metric', matchers: readonly Matcher[]): Promise<ScanCost> {
  const cold: number[] = [];
  const warm: number[] = [];
  const limit: number[] = [];
  let samples = 0;
  for (let n = 0; n < SCANS; n++) {
    await withStore(path.resolve(directory), async (store) => {
      // There is nothing to compact, but the writer's thread has started when it says so: that is not part of a read.
      await store.compact();
      for (const costMs of [cold, warm]) {
        const before = process.cpuUsage();
        samples = await read(store, matchers);
        costMs.push(sinceMs(before));
      }
    });
    const numbers = new Float64Array(samples);
    const before = process.cpuUsage();
    bare.read(0, SCANNED, numbers);
    limit.push(sinceMs(before));
  }
  return { what, ...mediansOf(cold, warm, limit), samples };
}

function mediansOf(
  cold: readonly number[],
  warm: readonly number[],
  limit: readonly number[],
): Pick<ScanCost, 'coldMs' | 'warmMs' | 'bareMs'> {
  return { coldMs: quantile(cold, 0.5), warmMs: quantile(warm, 0.5), bareMs: quantile(limit, 0.5) };
}

/** Selects and looks at every value, as a query would. */
async function read(store: EmbeddedTelemetryStore, matchers: readonly Matcher[]): Promise<number> {
  const answer = await store.select({ matchers, ...range });
  const samples = answer.reduce((sum, { values }) => sum + values.length, 0);
  if (Number.isNaN(answer.reduce((sum, series) => sum + total(series), 0)))
    throw new Error('the store answered with something that was not written');
  store.release?.(answer);
  return samples;
}

function total({ values }: SeriesColumns): number {
  let sum = 0;
  // By index: an iterator over a typed array costs as much as decoding does.
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum;
}

/** The n-th series of the load, in an order that goes from host to host and through all kinds of series. */
function singleSeries(n: number): Matcher[] {
  const host = new StoreHost(n % Number(hosts), 100);
  const series = host.series[(n * 37 + Math.floor(n / 100)) % 100];
  if (series === undefined) throw new Error(`there is no series ${n}`);
  const { part = '' } = series.labels;
  return [equal('__name__', series.name), equal('instance', host.instance), equal('part', part)];
}

function equal(name: string, value: string): Matcher {
  return { name, type: '=', value };
}

function sinceMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
