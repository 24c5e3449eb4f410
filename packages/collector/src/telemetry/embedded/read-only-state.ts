import { PlimsollError } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import type { WriterFailure } from './writer/writer-protocol.ts';

/** Why the store takes no appends, while it does not; the disk is tried again and again. */
export class ReadOnlyState {
  readonly #path: string;
  readonly #log: Runtime['log'];
  readonly #retryIntervalMs: number;
  readonly #retry: () => void;
  #reason: PlimsollError | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isFinal = false;

  constructor(parts: { path: string; log: Runtime['log']; retryIntervalMs: number; retry: () => void }) {
    this.#path = parts.path;
    this.#log = parts.log;
    this.#retryIntervalMs = parts.retryIntervalMs;
    this.#retry = parts.retry;
  }

  get reason(): PlimsollError | null {
    return this.#reason;
  }

  failed(failure: WriterFailure, retryAfterMs = this.#retryIntervalMs): void {
    if (this.#reason === null) {
      const help = failure.code === 'out_of_space' ? 'free some space' : 'look at the disk';
      this.#log.error(
        { code: failure.code },
        `telemetry is read-only until ${this.#path} can be written again, which is tried again and again: ${failure.message}: ${help}`,
      );
    }
    this.#reason = new PlimsollError(failure.code, `telemetry cannot be written: ${failure.message}`);
    if (this.#isFinal) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#retry, retryAfterMs);
  }

  recovered(): void {
    if (this.#reason === null) return;
    this.#reason = null;
    this.#log.info('telemetry can be written again');
  }

  /** Nothing is tried again. */
  stopTrying(): void {
    this.#isFinal = true;
    clearTimeout(this.#timer);
  }

  /** For good, with a reason that counts where there is none yet. */
  end(reason: PlimsollError): void {
    this.#reason ??= reason;
  }
}
