/** What one slot of a simulated host is, and how its value moves. */
export interface SimulatedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** `walk`: a two-decimal gauge; `count`: a counter; `fixed`: a constant. */
  readonly motion:
    | { readonly kind: 'walk'; readonly low: number; readonly high: number }
    | { readonly kind: 'count'; readonly perSecond: number }
    | { readonly kind: 'fixed'; readonly value: number };
}

const GIB = 1024 ** 3;
const CPU_MODES = ['user', 'system', 'idle', 'iowait'] as const;
const CPUS = 4;

/**
 * The series of one simulated host: the node_exporter names that the shipped rules and the Hosts page read, filled up
 * to `count` with gauges, counters and constants in the proportion of a common server (about a third two-decimal
 * gauges, a fifth counters, the rest constant or nearly so).
 */
export function simulatedSeries(count: number): SimulatedSeries[] {
  const series = [...hostSeries(), ...cpuSeries()].slice(0, count);
  for (let n = series.length; n < count; n++) series.push(fillerSeries(n));
  return series;
}

function hostSeries(): SimulatedSeries[] {
  const filesystem = { device: '/dev/vda1', fstype: 'ext4', mountpoint: '/' };
  return [
    gauge('node_load1', 'Simulated load.', { kind: 'walk', low: 0, high: 3 }),
    gauge('node_memory_MemTotal_bytes', 'Simulated memory.', fixed(16 * GIB)),
    gauge('node_memory_MemAvailable_bytes', 'Simulated memory.', {
      kind: 'walk',
      low: 6 * GIB,
      high: 10 * GIB,
    }),
    gauge('node_boot_time_seconds', 'Simulated boot time.', fixed(1_700_000_000)),
    gauge('node_filesystem_size_bytes', 'Simulated filesystem.', fixed(100 * GIB), filesystem),
    gauge(
      'node_filesystem_avail_bytes',
      'Simulated filesystem.',
      { kind: 'walk', low: 50 * GIB, high: 60 * GIB },
      filesystem,
    ),
    gauge(
      'node_filesystem_free_bytes',
      'Simulated filesystem.',
      { kind: 'walk', low: 55 * GIB, high: 65 * GIB },
      filesystem,
    ),
    gauge('node_filesystem_readonly', 'Simulated filesystem.', fixed(0), filesystem),
  ];
}

function cpuSeries(): SimulatedSeries[] {
  return Array.from({ length: CPUS * CPU_MODES.length }, (_, index) => {
    const mode = CPU_MODES[index % CPU_MODES.length] ?? 'idle';
    return {
      name: 'node_cpu_seconds_total',
      labels: { cpu: String(Math.floor(index / CPU_MODES.length)), mode },
      type: 'counter',
      help: 'Simulated processor time.',
      motion: { kind: 'count', perSecond: mode === 'idle' ? 0.8 : 0.05 },
    };
  });
}

function fillerSeries(n: number): SimulatedSeries {
  const labels = { slot: String(n) };
  if (n % 3 === 0)
    return gauge('fleet_gauge', 'A simulated gauge.', { kind: 'walk', low: 0, high: 100 }, labels);
  if (n % 8 === 1) {
    const motion = { kind: 'count', perSecond: 1000 } as const;
    return { name: 'fleet_events_total', labels, type: 'counter', help: 'A simulated counter.', motion };
  }
  return gauge('fleet_constant', 'A simulated constant.', fixed(n), labels);
}

function gauge(
  name: string,
  help: string,
  motion: SimulatedSeries['motion'],
  labels: Readonly<Record<string, string>> = {},
): SimulatedSeries {
  return { name, labels, type: 'gauge', help, motion };
}

function fixed(value: number): SimulatedSeries['motion'] {
  return { kind: 'fixed', value };
}

/** The values of one simulated host, moving from collection to collection; seeded, so that a run can be repeated. */
export class SimulatedValues {
  readonly #series: readonly SimulatedSeries[];
  readonly #values: Float64Array;
  readonly #held = new Map<number, number>();
  #state: number;

  constructor(series: readonly SimulatedSeries[], seed: number) {
    this.#series = series;
    this.#state = (seed * 2_654_435_761 + 1) >>> 0;
    this.#values = Float64Array.from(series, ({ motion }) => {
      if (motion.kind === 'fixed') return motion.value;
      return motion.kind === 'count'
        ? Math.floor(this.#random() * 1e6)
        : motion.low + this.#random() * (motion.high - motion.low);
    });
  }

  /** Moves on by `seconds` and answers the current values: the same array each time, valid until the next call. */
  next(seconds: number): Float64Array {
    const values = this.#values;
    for (const [slot, { motion }] of this.#series.entries()) {
      const value = values[slot] ?? 0;
      if (motion.kind === 'count')
        values[slot] = value + Math.round(motion.perSecond * seconds * (0.5 + this.#random()) * 100) / 100;
      else if (motion.kind === 'walk') values[slot] = walk(value, motion, this.#random());
    }
    for (const [slot, value] of this.#held) values[slot] = value;
    return values;
  }

  /** Holds one slot at a value from the next collection on: how a benchmark makes a host breach a rule. */
  hold(slot: number, value: number): void {
    this.#held.set(slot, value);
  }

  /** xorshift: plenty for load, and without state beyond one word. */
  #random(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state / 4_294_967_296;
  }
}

/** One step of at most 2 % of the range, kept inside it and rounded to two decimals. */
function walk(value: number, range: { low: number; high: number }, random: number): number {
  const next = value + (random - 0.5) * 0.04 * (range.high - range.low);
  return Math.round(Math.min(range.high, Math.max(range.low, next)) * 100) / 100;
}
