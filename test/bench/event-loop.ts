import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Program, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Figure } from './support/figure.ts';
import { type Saturation, saturate } from './support/saturate.ts';

const WARM_UP_MS = 5000;
const MEASURE_MS = 20_000;
/** As a planner asks, of what rollups do not tell: 344 series for a week, 20 million samples. */
const HEAVY_QUERY = 'sum by (instance) (changes(fleet_constant[1h]))';
const HEAVY_RANGE_S = 7 * 86_400;
const HEAVY_STEP_S = 3600;
const PROBE = pathToFileURL(path.join(import.meta.dirname, 'support/loop-probe.ts')).href;

interface Delay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How late the collector's main thread runs while eight streams keep it saturated, and while it is asked a lot beside that. */
export async function benchEventLoop(): Promise<Figure[]> {
  const file = path.join(import.meta.dirname, `loop-probe-${process.pid}.json`);
  const env = { NODE_OPTIONS: `--import=${PROBE}`, PLIMSOLL_LOOP_PROBE: file };
  await using program = await startProgram({ command: 'collector', config: 'shippedRules: false\n', env });
  await using load = await saturate(program.grpc);
  await setTimeout(WARM_UP_MS);
  await delayOf(program, file);
  const before = load.acknowledged();
  await setTimeout(MEASURE_MS);
  const ingest = await delayOf(program, file);
  const rate = (load.acknowledged() - before) / (MEASURE_MS / 1000);
  const stop = new AbortController();
  const asking = ask(program, load, stop.signal);
  await setTimeout(MEASURE_MS);
  stop.abort();
  const queries = await asking;
  const reading = await delayOf(program, file);
  console.log(`  ingest alone, ${Math.round(rate).toLocaleString('en')} samples a second: ${textOf(ingest)}`);
  console.log(`  with ${queries} queries over a week beside it: ${textOf(reading)}`);
  const unit = { unit: 'ms', goal: 50, better: 'less' } as const;
  return [
    { what: 'event loop delay, p99, at full ingest', ours: ingest.p99, ...unit },
    { what: 'event loop delay, p99, at full ingest and heavy reads', ours: reading.p99, ...unit },
  ];
}

async function delayOf(program: Program, file: string): Promise<Delay> {
  await rm(file, { force: true });
  program.process.kill('SIGUSR2');
  const text = await waitFor('the probe of the event loop', async () =>
    readFile(file, 'utf8').catch(() => undefined),
  );
  await rm(file);
  // Written by support/loop-probe.ts.
  return JSON.parse(text) as Delay;
}

/** Asks one heavy query after the other. */
async function ask(program: Program, load: Saturation, signal: AbortSignal): Promise<number> {
  let count = 0;
  while (!signal.aborted) {
    const end = Math.floor(load.newestMs() / 1000);
    const form = new URLSearchParams({
      query: HEAVY_QUERY,
      start: String(end - HEAVY_RANGE_S),
      end: String(end),
      step: String(HEAVY_STEP_S),
    });
    const response = await fetch(`${program.web}/api/v1/query_range?${form.toString()}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`${HEAVY_QUERY}: ${text}`);
    const { data } = JSON.parse(text) as { data: { result: { values: unknown[] }[] } };
    const steps = data.result[0]?.values.length ?? 0;
    if (steps < HEAVY_RANGE_S / HEAVY_STEP_S / 2) throw new Error(`the heavy query found ${steps} steps`);
    count++;
  }
  return count;
}

function textOf({ p50, p99, max }: Delay): string {
  return `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, at most ${max.toFixed(0)} ms`;
}
