import { createHash } from 'node:crypto';
import {
  createUplink,
  Framer,
  type FrameSource,
  type Log,
  MemoryFrames,
  type NewFrame,
  type Series,
  SeriesTable,
  sortedLabels,
  type Uplink,
} from '@plimsoll/agent';
import { MetricType } from '@plimsoll/proto';
import { type SimulatedSeries, SimulatedValues, simulatedSeries } from './simulated-host.ts';
import { uuidOf } from './uuid-of.ts';

export interface FleetOptions {
  /** `host:port` of the collector. */
  readonly address: string;
  readonly hosts: number;
  /** Series a host. */
  readonly series: number;
  readonly intervalMs: number;
  /** Hosts are called `<prefix>-0001` and so on. */
  readonly prefix: string;
  readonly seed: number;
  readonly log: Log;
  /** Where a host keeps its frames until they are acknowledged; in memory unless given. */
  readonly makeFrames?: (instance: string) => FleetFrames;
  /** Called right after a collection was handed to the stream. */
  readonly onCollected?: (host: SimulatedHost) => void;
}

/** Frames of one simulated host between collection and acknowledgement. */
export interface FleetFrames extends FrameSource {
  /** Frames not settled yet. */
  readonly size: number;
  append(frame: NewFrame): void;
}

export interface FleetStats {
  readonly connected: number;
  readonly framesSent: number;
  readonly framesAcknowledged: number;
  readonly framesRefused: number;
  /** Collected, and neither acknowledged nor refused so far. */
  readonly framesHeld: number;
}

/** Simulated hosts on the real gRPC path. */
export interface Fleet extends AsyncDisposable {
  readonly hosts: readonly SimulatedHost[];
  stats(): FleetStats;
  /** Collects nothing more; what is held is still sent. */
  stopCollecting(): void;
}

/** Frames a simulated host holds back at most: a quarter of an hour at one second. */
const MAX_FRAMES_HELD = 1000;

/** Starts the hosts; their phases are spread evenly over the interval. */
export function startFleet(options: FleetOptions): Fleet {
  const series = simulatedSeries(options.series);
  const hosts = Array.from({ length: options.hosts }, (_, n) => new SimulatedHost(options, series, n));
  return {
    hosts,
    stats() {
      const all = hosts.map((host) => host.uplink.stats);
      const sum = (pick: (stats: Uplink['stats']) => number): number =>
        all.reduce((total, stats) => total + pick(stats), 0);
      return {
        connected: all.filter(({ connected }) => connected).length,
        framesSent: sum(({ framesSent }) => framesSent),
        framesAcknowledged: sum(({ framesAcknowledged }) => framesAcknowledged),
        framesRefused: sum(({ framesRefused }) => framesRefused),
        framesHeld: hosts.reduce((total, { framesHeld }) => total + framesHeld, 0),
      };
    },
    stopCollecting() {
      for (const host of hosts) host.stopCollecting();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(hosts.map(async (host) => host[Symbol.asyncDispose]()));
    },
  };
}

/** One simulated host: the agent's own framing and uplink over made-up values. */
export class SimulatedHost implements AsyncDisposable {
  readonly instance: string;
  readonly uplink: Uplink;
  readonly values: SimulatedValues;
  /** When the next collection is due, by `Date.now()`. */
  nextCollectionMs: number;
  readonly #intervalMs: number;
  readonly #onCollected: ((host: SimulatedHost) => void) | undefined;
  readonly #table = new SeriesTable();
  readonly #first: number;
  readonly #framer: Framer;
  readonly #frames: FleetFrames;
  #timer: NodeJS.Timeout;

  constructor(options: FleetOptions, series: readonly SimulatedSeries[], n: number) {
    this.instance = `${options.prefix}-${String(n + 1).padStart(4, '0')}`;
    this.values = new SimulatedValues(series, options.seed + n);
    this.#intervalMs = options.intervalMs;
    this.#onCollected = options.onCollected;
    this.#first = this.#table.add(series.map(toAgentSeries));
    const epoch = Date.now() * 1000 + n;
    this.#framer = new Framer(this.#table, epoch);
    this.#frames = options.makeFrames?.(this.instance) ?? new MemoryFrames(MAX_FRAMES_HELD);
    this.uplink = createUplink({
      address: options.address,
      identity: {
        agentId: uuidOf(this.instance),
        machineIdHash: createHash('sha256').update(this.instance).digest(),
        key: createHash('sha256').update(`key of ${this.instance}`).digest(),
        instance: this.instance,
        epoch,
        labels: { env: 'simulated' },
        collectIntervalMs: options.intervalMs,
        agentVersion: 'fleet',
      },
      source: this.#frames,
      log: options.log,
    });
    const phaseMs = ((n + 0.5) / options.hosts) * options.intervalMs;
    this.nextCollectionMs = Date.now() + phaseMs;
    this.#timer = setTimeout(() => this.#tick(), phaseMs);
  }

  /** Makes one collection now and sends it; the timestamp is the clock's unless given. */
  collect(timestampMs: number = Date.now()): NewFrame {
    this.#table.begin();
    const values = this.values.next(this.#intervalMs / 1000);
    for (const [index, value] of values.entries()) this.#table.set(this.#first + index, value);
    const frame = this.#framer.take(timestampMs);
    this.#frames.append(frame);
    this.uplink.offer(frame);
    this.#onCollected?.(this);
    return frame;
  }

  get framesHeld(): number {
    return this.#frames.size;
  }

  stopCollecting(): void {
    clearTimeout(this.#timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopCollecting();
    await this.uplink[Symbol.asyncDispose]();
  }

  #tick(): void {
    this.collect();
    // From the due time, not from now: phases must not drift together. After a suspension the past is not caught up.
    this.nextCollectionMs = Math.max(this.nextCollectionMs + this.#intervalMs, Date.now() + 1);
    this.#timer = setTimeout(() => this.#tick(), this.nextCollectionMs - Date.now());
  }
}

function toAgentSeries({ name, labels, type, help }: SimulatedSeries): Series {
  const family = { name, help, type: type === 'counter' ? MetricType.COUNTER : MetricType.GAUGE };
  return { family, labels: sortedLabels(labels) };
}
