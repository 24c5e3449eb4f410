import { PlimsollError } from '../../errors.ts';
import { LOG_REPEAT_MS } from '../../limits.ts';
import { limitRepeats } from '../../log-limit.ts';
import type { Runtime } from '../../runtime.ts';
import type { LongTermTrouble } from '../store.ts';
import { halves } from './batches.ts';
import { adviceOn, type EngineFault, engineFaultOf } from './engine-fault.ts';
import { fitHistograms } from './fit-histograms.ts';
import {
  FIRST_RETRY_MS,
  LONGEST_RETRY_AFTER_MS,
  LONGEST_RETRY_MS,
  MAX_SPLIT_REQUESTS,
  PROBE_TIMEOUT_MS,
  WRITE_TIMEOUT_MS,
} from './limits.ts';
import type { LongTermBatch, LongTermEngine } from './long-term-engine.ts';
import type { LongTermMetrics } from './long-term-metrics.ts';

/** Series named in the log where a batch was refused. */
const MAX_SERIES_NAMED = 3;

/** What became of a batch's samples, besides those that were refused. */
export interface Delivered {
  readonly taken: number;
  /** Native histograms that the engine keeps in another form. */
  readonly converted: number;
  /** Native histograms that it was not given, because it keeps none such. */
  readonly leftOut: number;
}

/** What keeps the engine from taking what is forwarded. */
interface EngineTrouble extends LongTermTrouble {
  readonly fault: EngineFault;
}

/** For people: what is wrong, and the very words of the client or the server. */
export function troubleText(error: PlimsollError): string {
  return `${error.message} (${adviceOn(engineFaultOf(error))})`;
}

/** Resolves after so many milliseconds, early when the signal says so. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/**
 * Hands batches to the engine and keeps trying until each is taken, or known never to be. What the engine refuses for
 * good is narrowed down to its series, counted and logged, so that one bad series does not hold up the rest.
 */
export class Delivery {
  readonly #engine: LongTermEngine;
  readonly #runtime: Runtime;
  readonly #metrics: LongTermMetrics;
  readonly #pause: Pause;
  readonly #warn: ReturnType<typeof limitRepeats>;
  #probed: boolean;
  #failures = 0;
  #trouble: EngineTrouble | null = null;

  constructor(parts: {
    engine: LongTermEngine;
    runtime: Runtime;
    metrics: LongTermMetrics;
    pause: Pause;
    /** Why the engine could not be probed at start; null where it was. */
    fault: PlimsollError | null;
  }) {
    this.#engine = parts.engine;
    this.#runtime = parts.runtime;
    this.#metrics = parts.metrics;
    this.#pause = parts.pause;
    this.#probed = parts.fault === null;
    if (parts.fault !== null) this.#note(parts.fault);
    this.#warn = limitRepeats(parts.runtime, LOG_REPEAT_MS);
  }

  /** The last request was answered well. */
  get up(): boolean {
    return this.#probed && this.#failures === 0;
  }

  /** Why it was not; null while it is up. */
  get trouble(): EngineTrouble | null {
    return this.up ? null : this.#trouble;
  }

  /**
   * Resolves with what became of the samples. `lost` means that the engine went away: what it took lately may be gone.
   * Rejects only with the signal's reason.
   */
  async deliver(batch: LongTermBatch, signal: AbortSignal): Promise<Delivered | 'lost'> {
    for (;;) {
      signal.throwIfAborted();
      try {
        await this.#ready(signal);
        // What the engine holds is known by now.
        const fitted = fitHistograms(batch, this.#engine.histograms);
        const taken = await this.#write(fitted.batch, signal);
        this.#recovered();
        const { converted, leftOut, series } = fitted;
        if (converted + leftOut > 0) this.#notKept(converted, leftOut, series);
        return { taken: taken - Math.min(converted, taken), converted, leftOut };
      } catch (thrown) {
        signal.throwIfAborted();
        const error = PlimsollError.from(thrown, 'unavailable');
        const answered = error.details['answered'] === true;
        await this.#failed(error, signal);
        if (!answered) {
          this.#probed = false;
          return 'lost';
        }
      }
    }
  }

  /** Whether the engine has lost nothing, as far as it can be told; null where it cannot be told now. */
  async stillHas(signal: AbortSignal): Promise<boolean | null> {
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(WRITE_TIMEOUT_MS)]);
      return (await this.#engine.stillHas?.(limited)) ?? true;
    } catch (thrown) {
      signal.throwIfAborted();
      const { message } = PlimsollError.from(thrown);
      const fields = { engine: this.#engine.name };
      this.#warn(
        'stillHas',
        fields,
        `whether telemetry is still there cannot be told, the queue keeps it: ${message}`,
      );
      return null;
    }
  }

  /** Whether empty batches are wanted as signs of life. */
  get beats(): boolean {
    return this.#engine.stillHas !== undefined;
  }

  async #ready(signal: AbortSignal): Promise<void> {
    if (this.#probed) return;
    await this.#engine.probe(AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]));
    this.#probed = true;
  }

  async #write(batch: LongTermBatch, signal: AbortSignal): Promise<number> {
    const refused: Refused = { samples: 0, series: [], message: '' };
    let requests = 0;
    const write = async (part: LongTermBatch): Promise<void> => {
      requests++;
      try {
        await this.#request(part, signal);
      } catch (thrown) {
        const error = PlimsollError.from(thrown, 'unavailable');
        if (error.code !== 'invalid_argument') throw error;
        const parts = requests < MAX_SPLIT_REQUESTS ? halves(part) : null;
        if (parts === null) note(refused, part, error);
        else for (const half of parts) await write(half);
      }
    };
    await write(batch);
    if (refused.samples > 0) this.#refused(refused);
    return batch.refs.length - refused.samples;
  }

  async #request(batch: LongTermBatch, signal: AbortSignal): Promise<void> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(WRITE_TIMEOUT_MS)]);
    await this.#metrics.timed('write', () => this.#engine.write(batch, limited));
  }

  #refused({ samples, series, message }: Refused): void {
    this.#metrics.writeFailed('refused');
    this.#metrics.samples('refused', samples);
    const fields = { engine: this.#engine.name, samples, series: series.slice(0, MAX_SERIES_NAMED) };
    this.#warn('refused', fields, `the long-term engine will never take some samples: ${message}`);
  }

  #notKept(converted: number, leftOut: number, series: readonly string[]): void {
    const [what, how] =
      leftOut > 0
        ? ['leftOut', 'does not keep']
        : ['converted', 'keeps in another form, which is not read back,'];
    const fields = { engine: this.#engine.name, converted, leftOut, series };
    const message = `native histograms the long-term engine ${how} are answered as long as storage.recent only`;
    this.#warn(what, fields, message);
  }

  async #failed(error: PlimsollError, signal: AbortSignal): Promise<void> {
    this.#failures++;
    const forGood = error.code === 'configuration';
    this.#metrics.writeFailed(forGood ? 'configuration' : 'unavailable');
    const { fault, message } = this.#note(error);
    this.#warn(
      error.message,
      { engine: this.#engine.name, fault, attempts: this.#failures },
      `nothing is forwarded, the queue keeps it: ${message}`,
    );
    const askedMs = Number(error.details['retryAfterMs'] ?? 0);
    const doubledMs = FIRST_RETRY_MS * 2 ** Math.min(this.#failures - 1, 20);
    const chosenMs = forGood ? LONGEST_RETRY_MS : Math.min(doubledMs, LONGEST_RETRY_MS);
    const pauseMs = Math.max(Math.min(askedMs, LONGEST_RETRY_AFTER_MS), chosenMs * (0.5 + Math.random() / 2));
    await this.#pause(pauseMs, signal);
  }

  #note(error: PlimsollError): EngineTrouble {
    const sinceMs = this.#trouble?.sinceMs ?? this.#runtime.now();
    this.#trouble = { fault: engineFaultOf(error), message: troubleText(error), sinceMs };
    return this.#trouble;
  }

  #recovered(): void {
    this.#trouble = null;
    if (this.#failures === 0) return;
    this.#runtime.log.info(
      { engine: this.#engine.name, attempts: this.#failures },
      'the long-term engine takes telemetry again',
    );
    this.#failures = 0;
  }
}

interface Refused {
  samples: number;
  readonly series: string[];
  message: string;
}

function note(refused: Refused, batch: LongTermBatch, error: PlimsollError): void {
  refused.samples += batch.refs.length;
  refused.message = error.message;
  if (refused.series.length < MAX_SERIES_NAMED)
    refused.series.push(...batch.labels.slice(0, MAX_SERIES_NAMED).map(String));
}
