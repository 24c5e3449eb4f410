import { type SimulatedSeries, SimulatedValues } from '../../../packages/cli/src/fleet/simulated-host.ts';

/** Of a hundred series: two-decimal gauges, then counters, then levels that seldom change; the rest never does. */
const GAUGES = 34;
const COUNTERS = 22;
const LEVELS = 14;
/** Counters of operations, packets, milliseconds and bytes. */
const PER_SECOND = [20, 60, 400, 5000, 300_000] as const;

/** A host of the store's benchmarks: what it sends, and the same values for everyone who asks with the same number. */
export class StoreHost {
  readonly number: number;
  readonly instance: string;
  /** With `job` and `instance`, which the collector adds, five labels that name the host. */
  readonly labels: Readonly<Record<string, string>>;
  readonly series: readonly SimulatedSeries[];
  readonly #values: SimulatedValues;
  readonly #whole: Float64Array;

  constructor(number: number, seriesCount: number) {
    this.number = number;
    this.instance = `host-${String(number).padStart(5, '0')}.example.net`;
    this.labels = {
      region: ['eu-west-1', 'us-east-1', 'us-west-2', 'ap-southeast-1'][number % 4] ?? '',
      os: ['debian-13', 'ubuntu-26.04', 'rocky-10'][number % 3] ?? '',
      team: ['SF', 'NYC', 'LON', 'CHI'][Math.floor(number / 7) % 4] ?? '',
    };
    this.series = Array.from({ length: seriesCount }, (_, slot) => seriesOf(slot));
    this.#values = new SimulatedValues(this.series, number + 1);
    this.#whole = new Float64Array(seriesCount);
  }

  /** All labels of a series as the collector stores it. */
  labelsOf({ name, labels }: SimulatedSeries): Record<string, string> {
    return { __name__: name, job: 'node', instance: this.instance, ...this.labels, ...labels };
  }

  /** The values of the next collection; the same array each time, valid until the next call. */
  next(seconds: number): Float64Array {
    const values = this.#values.next(seconds);
    // What is counted is whole: without it sums would carry the noise of binary fractions.
    for (let slot = 0; slot < values.length; slot++) {
      const value = values[slot] ?? 0;
      this.#whole[slot] = slot % 100 < GAUGES ? value : Math.round(value);
    }
    return this.#whole;
  }
}

function seriesOf(slot: number): SimulatedSeries {
  const at = slot % 100;
  const labels = { part: String(slot).padStart(4, '0') };
  if (at < GAUGES) {
    const motion = { kind: 'walk', low: 0, high: 100 } as const;
    return { name: 'host_usage_percent', labels, type: 'gauge', help: 'A share.', motion };
  }
  if (at < GAUGES + COUNTERS) {
    const motion = { kind: 'count', perSecond: PER_SECOND[at % PER_SECOND.length] ?? 1 } as const;
    return { name: 'host_events_total', labels, type: 'counter', help: 'A counter.', motion };
  }
  if (at < GAUGES + COUNTERS + LEVELS) {
    const motion = { kind: 'walk', low: 0, high: 10 } as const;
    return { name: 'host_level', labels, type: 'gauge', help: 'It seldom changes.', motion };
  }
  const motion = { kind: 'fixed', value: at * 1024 } as const;
  return { name: 'host_size_bytes', labels, type: 'gauge', help: 'It never changes.', motion };
}
