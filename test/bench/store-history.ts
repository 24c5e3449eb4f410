import { setTimeout as delay } from 'node:timers/promises';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Program, startProgram } from '../support/program.ts';
import { type Figure, quantile } from './support/figure.ts';
import { withStore } from './support/open-store.ts';
import { samplesOf, type StoreLoad, streamLoad } from './support/store-load.ts';
import { threadMs } from './support/thread-time.ts';

const HOSTS = 8;
const SERIES = 100;
const DAY_MS = 86_400_000;
const HISTORY_DAYS = [1, 90] as const;
/** What is long ago came every two minutes: what counts is how many days and how much lie on the disk. */
const HISTORY_INTERVAL_MS = 120_000;
const INTERVAL_MS = 10_000;
/** A day of data a batch, so that blocks are sealed and windows merged in each. */
const BATCH_STEPS = DAY_MS / INTERVAL_MS / 2;
const BATCHES = 5;
/** What a batch leaves to be done is done within this: maintenance looks every five seconds. */
const AFTER_BATCH_MS = 6000;
const GOAL_RATIO = 1.1;
/** The collector's default: rollups of all days are made. */
const ROLLUP_RETENTION_MS = 5 * 365 * DAY_MS;
const CONFIG = 'shippedRules: false\nstorage:\n  retention:\n    time: 120d\n    size: 100GiB\n';

/**
 * CPU of ingest with 90 days of history on the disk beside the same with one day. Both collectors are started anew on
 * their history and take turns; the first batch of each warms it up.
 */
export async function benchHistory(): Promise<Figure[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-history-'));
  const nowMs = Math.floor(Date.now() / 60_000) * 60_000;
  const startMs = nowMs - Math.ceil(((BATCHES + 1) * BATCH_STEPS * INTERVAL_MS) / DAY_MS) * DAY_MS;
  try {
    await using stack = new AsyncDisposableStack();
    const collectors: Program[] = [];
    for (const days of HISTORY_DAYS)
      collectors.push(stack.use(await withHistory(path.join(directory, String(days)), days, startMs)));
    const taken = collectors.map((): number[] => []);
    for (let batch = 0; batch <= BATCHES; batch++) {
      for (const [index, collector] of collectors.entries()) {
        const cost = await ingestCost(collector, startMs + batch * BATCH_STEPS * INTERVAL_MS);
        if (batch > 0) taken[index]?.push(cost);
      }
    }
    const [short = Number.NaN, long = Number.NaN] = taken.map((costs) => quantile(costs, 0.5));
    return [
      {
        what: `ingest with ${HISTORY_DAYS[1]} days of history, sealing and merging included`,
        ours: long,
        unit: 'CPU-s per million samples',
        goal: GOAL_RATIO * short,
        better: 'less',
        beside: { name: `with ${HISTORY_DAYS[0]} day`, value: short },
      },
    ];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A collector that has `days` of history and was started on it anew. */
async function withHistory(directory: string, days: number, endMs: number): Promise<Program> {
  await mkdir(directory);
  const options = { command: 'collector', config: CONFIG, directory } as const;
  const steps = (days * DAY_MS) / HISTORY_INTERVAL_MS;
  const load = loadOf(endMs - days * DAY_MS, steps, HISTORY_INTERVAL_MS);
  const first = await startProgram(options);
  await streamLoad(first.grpc, load);
  await first.stop();
  // What came in seconds would lie in the log for minutes, and its days would be rolled up meanwhile: history is behind
  // all that.
  const telemetry = path.join(first.storagePath, 'telemetry');
  await withStore(telemetry, async (store) => store.compact(), { rollupRetentionMs: ROLLUP_RETENTION_MS });
  console.log(`  ${days} days of history: ${samplesOf(load)} samples`);
  return startProgram(options);
}

/** CPU-seconds per million samples of one batch, with what the store does about it afterwards. */
async function ingestCost({ grpc, process: { pid } }: Program, startMs: number): Promise<number> {
  if (pid === undefined) throw new Error('the collector has no process');
  const load = loadOf(startMs, BATCH_STEPS, INTERVAL_MS);
  const before = await threadMs(pid);
  await streamLoad(grpc, load);
  await delay(AFTER_BATCH_MS);
  return ((await threadMs(pid)) - before) / 1000 / (samplesOf(load) / 1e6);
}

function loadOf(startMs: number, steps: number, intervalMs: number): StoreLoad {
  return { hosts: HOSTS, seriesPerHost: SERIES, steps, intervalMs, startMs };
}
