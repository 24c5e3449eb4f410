import { Labels, METRIC_NAME } from '@plimsoll/promql';
import type { HostRegistry, HostState } from '../hosts/host-registry.ts';
import type { Runtime } from '../runtime.ts';
import { MAX_UP_INTERVAL_MS, MIN_UP_INTERVAL_MS } from './limits.ts';
import type { SampleWriter } from './sample-writer.ts';

interface HostLabels {
  /** The configured labels the two label sets were made of. */
  readonly from: HostState['labels'];
  readonly up: Labels;
  readonly clockOffset: Labels;
}

/**
 * Writes `up` and `plimsoll_agent_clock_offset_seconds` of every host: at the shortest collection interval of all, and
 * at once when a host falls silent or comes back. What is written is never rewritten.
 */
export class HostSeries implements Disposable {
  readonly #runtime: Runtime;
  readonly #hosts: HostRegistry;
  readonly #writer: SampleWriter;
  readonly #labels = new Map<string, HostLabels>();
  readonly #written = new Map<string, HostState['state']>();
  readonly #stopListening: () => void;
  #timer: NodeJS.Timeout;

  constructor(runtime: Runtime, hosts: HostRegistry, writer: SampleWriter) {
    this.#runtime = runtime;
    this.#hosts = hosts;
    this.#writer = writer;
    this.#stopListening = hosts.onChange((host) => {
      if (isKnown(host) && this.#written.get(host.instance) !== host.state) this.write([host]);
    });
    this.#timer = setTimeout(() => this.#tick(), MIN_UP_INTERVAL_MS);
  }

  #tick(): void {
    const hosts = this.#hosts.hosts().filter(isKnown);
    this.write(hosts);
    this.#forgetMissing(hosts);
    const shortest = Math.min(...hosts.map(({ collectIntervalMs }) => collectIntervalMs), MAX_UP_INTERVAL_MS);
    const pauseMs = hosts.length === 0 ? MIN_UP_INTERVAL_MS : Math.max(shortest, MIN_UP_INTERVAL_MS);
    this.#timer = setTimeout(() => this.#tick(), pauseMs);
  }

  /** One sample of each series for these hosts, now. */
  write(hosts: readonly HostState[]): void {
    if (hosts.length === 0) return;
    const nowMs = this.#runtime.now();
    const labels: Labels[] = [];
    const values: number[] = [];
    for (const host of hosts) {
      const known = this.#labelsOf(host);
      labels.push(known.up);
      values.push(host.state === 'up' ? 1 : 0);
      if (host.clockOffsetMs !== null && host.state === 'up') {
        labels.push(known.clockOffset);
        values.push(host.clockOffsetMs / 1000);
      }
      this.#written.set(host.instance, host.state);
    }
    const timestamps = new Float64Array(labels.length).fill(nowMs);
    this.#writer.writeColumns(labels, timestamps, Float64Array.from(values));
  }

  #labelsOf(host: HostState): HostLabels {
    const known = this.#labels.get(host.instance);
    if (known?.from === host.labels) return known;
    const base = { ...host.labels, job: 'node', instance: host.instance };
    const made = {
      from: host.labels,
      up: Labels.of({ ...base, [METRIC_NAME]: 'up' }),
      clockOffset: Labels.of({ ...base, [METRIC_NAME]: 'plimsoll_agent_clock_offset_seconds' }),
    };
    this.#labels.set(host.instance, made);
    return made;
  }

  #forgetMissing(hosts: readonly HostState[]): void {
    if (this.#labels.size <= hosts.length) return;
    const present = new Set(hosts.map(({ instance }) => instance));
    for (const instance of this.#labels.keys()) {
      if (present.has(instance)) continue;
      this.#labels.delete(instance);
      this.#written.delete(instance);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#stopListening();
  }
}

/** A refused caller is no host, and one not heard since the start is neither up nor silent yet. */
function isKnown({ state, heard }: HostState): boolean {
  return state === 'silent' || (state === 'up' && heard);
}
