import { setTimeout as delay } from 'node:timers/promises';
import { type SimulatedHost, startFleet } from '../../packages/cli/src/fleet/start-fleet.ts';
import { startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';
import { BENCH_CONFIG, benchRules } from './support/bench-rules.ts';
import { type Figure, quantile } from './support/figure.ts';

const HOSTS = 1000;
const SERIES = 100;
const INTERVAL_MS = 10_000;
const BREACHES = 1000;
/** `node_load1` is the first series of a simulated host; the rule LoadHigh fires above 50. */
const LOAD_SLOT = 0;
/** A host due sooner than this may be collecting already. */
const LEAD_MS = 20;

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * From the moment a simulated host writes the frame that breaches to the event that its incident is in the journal, one
 * breach at a time, with a thousand hosts around it in the same two cores.
 */
export async function benchBreach(): Promise<Figure[]> {
  await using program = await startProgram({
    command: 'collector',
    config: BENCH_CONFIG,
    files: { 'rules.yml': benchRules('10s') },
  });
  const sentAt = new Map<SimulatedHost, number>();
  await using fleet = startFleet({
    address: program.grpc,
    hosts: HOSTS,
    series: SERIES,
    intervalMs: INTERVAL_MS,
    prefix: 'bench',
    seed: 1,
    log: silent,
    onCollected: (host) => sentAt.set(host, performance.now()),
  });
  await waitFor('the fleet', () => fleet.stats().connected === HOSTS, 60_000);
  await waitFor('one collection of each host', () => sentAt.size === HOSTS, 60_000);
  await using incidents = await IncidentEvents.open(program.web);
  const latencies: number[] = [];
  const calm = new Set(fleet.hosts);
  while (latencies.length < BREACHES) {
    const host = await nextDue(calm);
    calm.delete(host);
    sentAt.delete(host);
    host.values.hold(LOAD_SLOT, 100);
    const openedAt = await incidents.next();
    latencies.push(openedAt - (sentAt.get(host) ?? Number.NaN));
  }
  console.log(
    `  ${latencies.length} breaches: median ${quantile(latencies, 0.5).toFixed(0)} ms, p90 ${quantile(latencies, 0.9).toFixed(0)} ms, max ${Math.max(...latencies).toFixed(0)} ms`,
  );
  return [
    {
      what: `breach to incident, ${HOSTS} hosts x ${SERIES} series each 10 s, p99`,
      ours: quantile(latencies, 0.99),
      unit: 'ms',
      goal: 250,
      better: 'less',
    },
  ];
}

async function nextDue(hosts: ReadonlySet<SimulatedHost>): Promise<SimulatedHost> {
  for (;;) {
    const soonest = Date.now() + LEAD_MS;
    let found: SimulatedHost | undefined;
    for (const host of hosts) {
      if (host.nextCollectionMs >= soonest && host.nextCollectionMs < (found?.nextCollectionMs ?? Infinity))
        found = host;
    }
    if (found !== undefined) return found;
    await delay(LEAD_MS);
  }
}

/** Moments at which an incident not seen before was announced. */
class IncidentEvents implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #seen = new Set<string>();
  readonly #times: number[] = [];
  #text = '';

  private constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader;
  }

  static async open(web: string): Promise<IncidentEvents> {
    const response = await fetch(`${web}/api/plimsoll/v1/events`);
    if (response.body === null) throw new Error('the event stream has no body');
    return new IncidentEvents(response.body.getReader());
  }

  async next(): Promise<number> {
    for (;;) {
      const time = this.#times.shift();
      if (time !== undefined) return time;
      const { value, done } = await this.#reader.read();
      if (done) throw new Error('the event stream ended');
      this.#take(Buffer.from(value).toString());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }

  #take(text: string): void {
    const events = (this.#text + text).split('\n\n');
    this.#text = events.pop() ?? '';
    for (const event of events) {
      const id = /^event: incident\ndata: \{"id":"([^"]+)"\}$/.exec(event)?.[1];
      if (id === undefined || this.#seen.has(id)) continue;
      this.#seen.add(id);
      this.#times.push(performance.now());
    }
  }
}
