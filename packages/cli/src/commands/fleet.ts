import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '@plimsoll/agent';
import { EXIT, UsageError } from '../exit-code.ts';
import { type Flag, helpText, type ParsedFlags, parseFlags, refusePositionals, textOf } from '../flags.ts';
import { type Fleet, startFleet } from '../fleet/start-fleet.ts';
import { parseDuration } from '@plimsoll/promql';

const flags: readonly Flag[] = [
  text('hosts', 'N', '10', 'Simulated hosts.'),
  text('series', 'N', '100', 'Series a host.'),
  text('interval', 'DURATION', '10s', 'Time between collections.'),
  text('duration', 'DURATION', '1m', 'How long to run; 0s runs until it is ended.'),
  text('collector.address', 'HOST:PORT', '127.0.0.1:9721', 'Where the collector takes telemetry in.'),
  text('prefix', 'NAME', 'sim', 'Hosts are called NAME-0001 and so on.'),
  text('seed', 'N', '1', 'Values are the same for the same seed.'),
];

const SUMMARY = `Runs simulated hosts that stream to a collector as agents do.

The collector cannot tell them from real ones: it keeps knowing them after the run, and when they stop it opens incidents
for hosts that fell silent. Give them a collector of their own:

  plimsoll collector --storage.path=./fleet --web.listen-address=127.0.0.1:9730 --grpc.listen-address=127.0.0.1:9731
  plimsoll fleet --collector.address=127.0.0.1:9731`;

/** How often progress is told on a terminal, milliseconds. */
const PROGRESS_MS = 2000;
/** How long frames are still sent after the last collection: hosts that lost the collector try again within half a minute. */
const DELIVERY_MS = 40_000;
const LOOK_MS = 20;
/** What a timer can hold: 24 days. */
const MAX_DURATION_MS = 2 ** 31 - 1;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** `plimsoll fleet`: simulated hosts over the real gRPC path. */
export async function fleetCommand(args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(flags, args);
  if (parsed.help) {
    console.log(helpText('fleet [FLAGS]', SUMMARY, flags));
    return EXIT.ok;
  }
  refusePositionals(parsed);
  const durationMs = durationOf(parsed, 'duration');
  const fleet = startFleet({
    address: textOf(flags, parsed, 'collector.address'),
    hosts: countOf(parsed, 'hosts', 10_000),
    series: countOf(parsed, 'series', 10_000),
    intervalMs: durationOf(parsed, 'interval'),
    prefix: textOf(flags, parsed, 'prefix'),
    seed: countOf(parsed, 'seed', Number.MAX_SAFE_INTEGER),
    log: createLog('warn', (line) => process.stderr.write(line)),
  });
  const summary = (): string => {
    const { connected, framesSent, framesAcknowledged, framesRefused, framesHeld } = fleet.stats();
    return `${connected}/${fleet.hosts.length} hosts connected, ${framesSent} frames sent, ${framesAcknowledged} acknowledged, ${framesRefused} refused, ${framesHeld} not delivered`;
  };
  const progress = setInterval(() => {
    if (process.stderr.isTTY) process.stderr.write(`\r${summary()}`);
  }, PROGRESS_MS);
  await ended(durationMs);
  fleet.stopCollecting();
  await delivered(fleet);
  clearInterval(progress);
  const result = summary();
  await fleet[Symbol.asyncDispose]();
  if (process.stderr.isTTY) process.stderr.write('\r');
  console.log(result);
  return fleet.stats().framesAcknowledged > 0 ? EXIT.ok : EXIT.runtime;
}

/** Until the duration is over, where there is one, or a signal comes. */
async function ended(durationMs: number): Promise<void> {
  using interruption = new Interruption();
  const { signal } = interruption;
  if (durationMs === 0) await once(signal, 'abort');
  else await sleep(durationMs, undefined, { signal }).catch(() => undefined);
}

/** Aborts with the first signal that comes. */
class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #abort = (): void => this.#controller.abort();

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#abort);
  }
}

/** Until nothing is held any more, or another signal comes. */
async function delivered(fleet: Fleet): Promise<void> {
  using interruption = new Interruption();
  const untilMs = performance.now() + DELIVERY_MS;
  while (fleet.stats().framesHeld > 0 && performance.now() < untilMs && !interruption.signal.aborted)
    await sleep(LOOK_MS);
}

function text(name: string, placeholder: string, fallback: string, help: string): Flag {
  return { name, kind: 'text', placeholder, default: fallback, help };
}

function countOf(parsed: ParsedFlags, name: string, most: number): number {
  const value = textOf(flags, parsed, name);
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new UsageError(`--${name} "${value}": give a whole number from 1 to ${most}`);
  }
  return count;
}

function durationOf(parsed: ParsedFlags, name: string): number {
  const value = textOf(flags, parsed, name);
  const durationMs = durationMsOf(name, value);
  if (durationMs <= MAX_DURATION_MS) return durationMs;
  throw new UsageError(`--${name} "${value}": at most 24d`);
}

function durationMsOf(name: string, value: string): number {
  try {
    return parseDuration(value);
  } catch {
    throw new UsageError(`--${name} "${value}": give a duration such as 10s or 5m`);
  }
}
