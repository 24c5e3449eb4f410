import { setTimeout as delay } from 'node:timers/promises';
import { Gauge } from 'prom-client';
import type { HostRegistry } from '../hosts/host-registry.ts';
import { limitRepeats } from '../log-limit.ts';
import type { Runtime } from '../runtime.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import { FilesystemHistory, HOUR_MS } from './filesystem-history.ts';
import type { FilesystemForecast, FilesystemOutlook } from './filesystem-outlook.ts';
import { LIMITS } from './limits.ts';
import { forecastOf, outlookOf, type WatchedFilesystem } from './outlook-of.ts';
import { type FilesystemReading, readFilesystems } from './read-filesystems.ts';

export interface CapacityOptions {
  readonly runtime: Runtime;
  readonly store: Pick<TelemetryStore, 'select' | 'stats'>;
  readonly hosts: Pick<HostRegistry, 'hosts'>;
}

export interface Capacity extends AsyncDisposable {
  /** Every watched filesystem of the known hosts, soonest to fill first. */
  filesystems(): readonly FilesystemOutlook[];
  /** When one filesystem will be full; undefined when it is not watched. */
  filesystem(instance: string, mountpoint: string): FilesystemOutlook | undefined;
  /** One filesystem's past and future; undefined when it is not watched. */
  filesystemForecast(instance: string, mountpoint: string): FilesystemForecast | undefined;
  /** Called after the outlooks of some host were renewed. Returns the way to stop listening. */
  onRefresh(listener: (instance: string) => void): () => void;
}

/** Watches how the hosts' filesystems fill, in the background and with a small share of the processor. */
export function startCapacity(options: CapacityOptions): Capacity {
  return new RunningCapacity(options);
}

interface WatchedHost {
  readonly addedMs: number;
  /** When it is read again. */
  dueMs: number;
  /** All samples up to here have been read, but for late ones. */
  readToMs: number;
  filesystems: Map<string, WatchedFilesystem>;
  outlooks: readonly FilesystemOutlook[];
}

class RunningCapacity implements Capacity {
  readonly #options: CapacityOptions;
  readonly #stop = new AbortController();
  readonly #hosts = new Map<string, WatchedHost>();
  readonly #listeners = new Set<(instance: string) => void>();
  readonly #warn: ReturnType<typeof limitRepeats>;
  readonly #loop: Promise<void>;

  constructor(options: CapacityOptions) {
    this.#options = options;
    this.#warn = limitRepeats(options.runtime, LIMITS.refreshMs);
    this.#registerMetrics();
    this.#loop = this.#run();
  }

  filesystems(): readonly FilesystemOutlook[] {
    return [...this.#hosts.values()].flatMap(({ outlooks }) => outlooks).sort(soonestFirst);
  }

  filesystem(instance: string, mountpoint: string): FilesystemOutlook | undefined {
    return this.#hosts.get(instance)?.outlooks.find((outlook) => outlook.mountpoint === mountpoint);
  }

  filesystemForecast(instance: string, mountpoint: string): FilesystemForecast | undefined {
    const filesystems = this.#hosts.get(instance)?.filesystems.values() ?? [];
    for (const filesystem of filesystems)
      if (filesystem.mountpoint === mountpoint) return forecastOf(filesystem);
    return undefined;
  }

  onRefresh(listener: (instance: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { runtime, hosts } = this.#options;
    while (!this.#stop.signal.aborted) {
      const instances = new Set(hosts.hosts().map(({ instance }) => instance));
      for (const instance of this.#hosts.keys()) if (!instances.has(instance)) this.#hosts.delete(instance);
      for (const instance of instances) {
        const host = this.#hosts.get(instance) ?? this.#addHost(instance);
        if (this.#stop.signal.aborted || runtime.now() < host.dueMs) continue;
        try {
          await this.#refresh(instance, host);
        } catch (error) {
          runtime.log.error(
            { instance, err: error },
            "A host's filesystems could not be read; trying again later.",
          );
        }
        host.dueMs = runtime.now() + this.#intervalMs(host);
      }
      await this.#pause(LIMITS.pollMs);
    }
  }

  #addHost(instance: string): WatchedHost {
    const { runtime, store } = this.#options;
    const nowMs = runtime.now();
    const readToMs = Math.max(nowMs - LIMITS.historyHours * HOUR_MS, store.stats().oldestMs ?? nowMs);
    const host = { addedMs: nowMs, dueMs: nowMs, readToMs, filesystems: new Map(), outlooks: [] };
    this.#hosts.set(instance, host);
    return host;
  }

  /** The first samples of a new host come any second. */
  #intervalMs({ addedMs, outlooks }: WatchedHost): number {
    const isNew = outlooks.length === 0 && this.#options.runtime.now() - addedMs < LIMITS.newHostMs;
    return isNew ? LIMITS.pollMs : LIMITS.refreshMs;
  }

  /** Reads a host on in portions, with pauses, and renews its outlooks. */
  async #refresh(instance: string, host: WatchedHost): Promise<void> {
    const { runtime, store } = this.#options;
    const nowMs = runtime.now();
    let startMs = startOfHour(host.readToMs - LIMITS.rereadMs);
    while (startMs <= nowMs && !this.#stop.signal.aborted) {
      const endMs = Math.min(startMs + LIMITS.readMs, nowMs + 1) - 1;
      const beganMs = runtime.now();
      for (const reading of await readFilesystems(store, instance, startMs, endMs))
        this.#absorb(instance, host, reading);
      startMs = endMs + 1;
      host.readToMs = endMs;
      if (startMs <= nowMs) await this.#pause((runtime.now() - beganMs) * (1 / LIMITS.dutyCycle - 1));
    }
    this.#forgetUnmounted(host);
    host.outlooks = distinct([...host.filesystems.values()]).map(outlookOf);
    for (const listener of this.#listeners) listener(instance);
  }

  #absorb(instance: string, host: WatchedHost, { hours, ...reading }: FilesystemReading): void {
    const key = `${reading.device}\0${reading.mountpoint}`;
    const known = host.filesystems.get(key);
    if (known === undefined && this.#count() >= LIMITS.filesystems) {
      this.#warn(
        'limit',
        { instance, mountpoint: reading.mountpoint, limit: LIMITS.filesystems },
        'Too many filesystems: this one is not watched.',
      );
      return;
    }
    const history = known?.history ?? new FilesystemHistory();
    for (const hour of hours) history.set(hour);
    host.filesystems.set(key, { instance, ...reading, history });
  }

  #count(): number {
    let count = 0;
    for (const { filesystems } of this.#hosts.values()) count += filesystems.size;
    return count;
  }

  #forgetUnmounted({ filesystems }: WatchedHost): void {
    const newestMs = Math.max(...[...filesystems.values()].map(({ latest }) => latest.atMs));
    for (const [key, { latest }] of filesystems)
      if (newestMs - latest.atMs > LIMITS.goneAfterMs) filesystems.delete(key);
  }

  async #pause(ms: number): Promise<void> {
    // The only rejection is our own stop.
    await delay(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  #registerMetrics(): void {
    const filesystems = (): readonly FilesystemOutlook[] => this.filesystems();
    const gauge: Gauge<'outlook'> = new Gauge({
      name: 'plimsoll_capacity_filesystems',
      help: 'Filesystems watched, by what is said of their future.',
      labelNames: ['outlook'],
      registers: [this.#options.runtime.metrics],
      collect() {
        this.reset();
        for (const { outlook } of filesystems()) this.inc({ outlook });
      },
    });
    gauge.reset();
  }
}

function startOfHour(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}

/** Of the mounts of one device the one with the shortest path stands for all: they fill together. */
function distinct(filesystems: readonly WatchedFilesystem[]): readonly WatchedFilesystem[] {
  const byDevice = new Map<string, WatchedFilesystem>();
  for (const filesystem of filesystems) {
    const known = byDevice.get(filesystem.device);
    if (known === undefined || filesystem.mountpoint.length < known.mountpoint.length)
      byDevice.set(filesystem.device, filesystem);
  }
  return [...byDevice.values()];
}

function soonestFirst(a: FilesystemOutlook, b: FilesystemOutlook): number {
  return (
    (a.q50Days ?? Infinity) - (b.q50Days ?? Infinity) ||
    (a.q10Days ?? Infinity) - (b.q10Days ?? Infinity) ||
    b.utilisation - a.utilisation
  );
}
