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

const SERIES_PER_HOST = 100;
const SINGLES_PER_BATCH = 100;
const SINGLE_BATCHES = 20;
/** Series of a scan. */
const SCANNED = 2000;
const BARE_ROUNDS = 3;
/**
 * The first lives of a store are not measured: the compiler's work is not part of a read, and it goes on for some ten
 * thousand of them.
 */
const LIVES = {
  one: { warmUp: 4, measured: 2 },
  hosts: { warmUp: 2, measured: 3 },
  metric: { warmUp: 4, measured: 10 },
};

/** Usage: scan-store.ts DIRECTORY START_MS END_MS HOSTS; prints a list of ScanCost as JSON. */
const [directory = '', start = '', end = '', hostCount = ''] = process.argv.slice(2);
using bare = new BareSqlite(path.resolve(directory));
const range = { startMs: Number(start), endMs: Number(end) };
const hosts = Number(hostCount);

/**
 * What is read before in each life, twice, and measured by nobody: a collector has been up for a while, and what opening
 * its store left to the garbage collector is not a read's.
 */
const OTHERS: readonly (readonly Matcher[])[] = ['003[4-9]', '004.', '005.', '006.', '007.'].map((value) => [
  { name: 'part', type: '=~', value },
]);

const job = equal('job', 'node');
const costs: ScanCost[] = [
  await measure('one', batchesOfSingles(), 1),
  await measure(
    'hosts',
    hostGroups(20).map((instance) => [[job, instance]]),
    SCANNED,
  ),
  await measure(
    'metric',
    hostGroups(100).map((instance) => [
      [equal('__name__', 'host_usage_percent'), instance, { name: 'part', type: '=~', value: '00[01].' }],
    ]),
    SCANNED,
  ),
];
console.log(JSON.stringify(costs));

/** Reads batch by batch, each for the first time and again, in stores opened anew: medians of a read. */
async function measure(
  what: ScanCost['what'],
  batches: readonly (readonly Matcher[])[][],
  seriesPerRead: number,
): Promise<ScanCost> {
  const cold: number[] = [];
  const warm: number[] = [];
  let samples = 0;
  const { warmUp, measured } = LIVES[what];
  for (let life = -warmUp; life < measured; life++) {
    await withStore(path.resolve(directory), async (store) => {
      // There is nothing to compact, but the writer's thread has started when it says so.
      await store.compact();
      for (const matchers of OTHERS) for (let time = 0; time < 2; time++) await read(store, matchers);
      for (const batch of batches) {
        for (const costMs of [cold, warm]) {
          const before = process.cpuUsage();
          for (const matchers of batch) samples = await read(store, matchers);
          if (life >= 0) costMs.push(sinceMs(before) / batch.length);
        }
      }
    });
  }
  const bareMs = measureBare(batches, seriesPerRead, samples);
  return { what, coldMs: quantile(cold, 0.5), warmMs: quantile(warm, 0.5), bareMs, samples };
}

/** What as many reads of as many other series cost SQLite alone: the median of a read. */
function measureBare(batches: readonly unknown[][], seriesPerRead: number, samples: number): number {
  const numbers = new Float64Array(samples);
  const last = hosts * SERIES_PER_HOST - seriesPerRead;
  const costMs = Array.from({ length: BARE_ROUNDS * batches.length }, (_, round) => {
    const reads = batches[round % batches.length]?.length ?? 0;
    const before = process.cpuUsage();
    for (let n = 0; n < reads; n++)
      bare.read(((round * 997 + n * 101) * seriesPerRead) % (last + 1), seriesPerRead, numbers);
    return sinceMs(before) / reads;
  });
  return quantile(costMs, 0.5);
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

/** Series one by one, each another one. */
function batchesOfSingles(): (readonly Matcher[])[][] {
  return Array.from({ length: SINGLE_BATCHES }, (_, batch) =>
    Array.from({ length: SINGLES_PER_BATCH }, (__, n) => singleSeries(batch * SINGLES_PER_BATCH + n)),
  );
}

/** The n-th series of the load, in an order that goes from host to host and through all kinds of series. */
function singleSeries(n: number): Matcher[] {
  const host = new StoreHost(n % hosts, SERIES_PER_HOST);
  const series = host.series[(n * 37 + Math.floor(n / hosts)) % SERIES_PER_HOST];
  if (series === undefined) throw new Error(`there is no series ${n}`);
  const { part = '' } = series.labels;
  return [equal('__name__', series.name), equal('instance', host.instance), equal('part', part)];
}

/** Matchers for so many hosts each: all hosts that share the digits before the last ones. */
function hostGroups(size: number): Matcher[] {
  return Array.from({ length: Math.floor(hosts / size) }, (_, group) => {
    const tens = Array.from({ length: size / 10 }, (__, n) =>
      String((group * size) / 10 + n).padStart(4, '0'),
    );
    return { name: 'instance', type: '=~', value: `host-(${tens.join('|')}).*` };
  });
}

function equal(name: string, value: string): Matcher {
  return { name, type: '=', value };
}

function sinceMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
