import { ENGINE_FAULTS, type EngineFault } from './engine-fault.ts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the gauges show, asked for when the page is. */
export interface LongTermFigures {
  readonly queueBytes: number;
  readonly queueLimitBytes: number;
  readonly lagSeconds: number;
  /** What keeps the engine from taking it; null while nothing does. */
  readonly fault: EngineFault | null;
  readonly up: boolean;
}

export type WriteFailure = 'unavailable' | 'refused' | 'configuration';
const SAMPLE_FATES = ['forwarded', 'repeated', 'converted', 'left_out', 'refused', 'unknown_series'] as const;
type SampleFate = (typeof SAMPLE_FATES)[number];

/** What is told of the way to a long-term engine. */
export class LongTermMetrics {
  readonly #samples: Counter<'outcome'>;
  readonly #failures: Counter<'reason'>;
  readonly #rewinds: Counter;
  readonly #damaged: Counter;
  readonly #readFailures: Counter;
  readonly #seconds: Histogram<'operation'>;

  constructor(registry: Registry, figures: () => LongTermFigures) {
    const registers = [registry];
    const gauge = (name: string, help: string, read: (now: LongTermFigures) => number): void => {
      const metric: Gauge = new Gauge({ name, help, registers, collect: () => metric.set(read(figures())) });
    };
    gauge(
      'plimsoll_long_term_queue_bytes',
      'Size of the log that the long-term engine has not taken for good.',
      ({ queueBytes }) => queueBytes,
    );
    gauge(
      'plimsoll_long_term_queue_limit_bytes',
      'Size of that log at which telemetry is refused.',
      ({ queueLimitBytes }) => queueLimitBytes,
    );
    gauge(
      'plimsoll_long_term_lag_seconds',
      'How long the oldest telemetry that was not forwarded has waited.',
      ({ lagSeconds }) => lagSeconds,
    );
    gauge(
      'plimsoll_long_term_up',
      '1 while the long-term engine takes what is forwarded, else 0.',
      ({ up }) => (up ? 1 : 0),
    );
    showFault(registers, () => figures().fault);
    this.#samples = new Counter({
      name: 'plimsoll_long_term_samples_total',
      help: 'Samples on the way to the long-term engine: forwarded, repeated (sent once more), converted (native histograms that the engine keeps in another form), left_out (native histograms that it cannot keep), refused (by the engine, for good) or unknown_series.',
      labelNames: ['outcome'],
      registers,
    });
    this.#failures = new Counter({
      name: 'plimsoll_long_term_write_failures_total',
      help: 'Writes that the long-term engine did not take, by reason: unavailable, refused or configuration.',
      labelNames: ['reason'],
      registers,
    });
    this.#rewinds = new Counter({
      name: 'plimsoll_long_term_rewinds_total',
      help: 'Times that what had been taken lately was sent again, because the long-term engine may have lost it.',
      registers,
    });
    this.#damaged = new Counter({
      name: 'plimsoll_long_term_damaged_segments_total',
      help: 'Segments of the log that could not be read to their end.',
      registers,
    });
    this.#readFailures = new Counter({
      name: 'plimsoll_long_term_read_failures_total',
      help: 'Reads of the long-term engine that failed.',
      registers,
    });
    this.#seconds = new Histogram({
      name: 'plimsoll_long_term_request_duration_seconds',
      help: 'Duration of what the long-term engine was asked: write or read.',
      labelNames: ['operation'],
      buckets: [0.005, 0.025, 0.1, 0.25, 1, 5, 30],
      registers,
    });
    for (const outcome of SAMPLE_FATES) this.#samples.inc({ outcome }, 0);
    const reasons: readonly WriteFailure[] = ['unavailable', 'refused', 'configuration'];
    for (const reason of reasons) this.#failures.inc({ reason }, 0);
  }

  samples(outcome: SampleFate, count: number): void {
    this.#samples.inc({ outcome }, count);
  }

  writeFailed(reason: WriteFailure): void {
    this.#failures.inc({ reason });
  }

  rewound(): void {
    this.#rewinds.inc();
  }

  damaged(): void {
    this.#damaged.inc();
  }

  /** Times a request, and counts it where it is a read that fails. */
  async timed<T>(operation: 'write' | 'read', request: () => Promise<T>): Promise<T> {
    const end = this.#seconds.startTimer({ operation });
    try {
      return await request();
    } catch (error) {
      if (operation === 'read') this.#readFailures.inc();
      throw error;
    } finally {
      end();
    }
  }
}

function showFault(registers: Registry[], read: () => EngineFault | null): void {
  const gauge: Gauge<'reason'> = new Gauge({
    name: 'plimsoll_long_term_fault',
    help: `1 for what keeps the long-term engine from taking what is forwarded, else 0: ${ENGINE_FAULTS.join(', ')}.`,
    labelNames: ['reason'],
    registers,
    collect: () => {
      const fault = read();
      for (const reason of ENGINE_FAULTS) gauge.set({ reason }, reason === fault ? 1 : 0);
    },
  });
}
