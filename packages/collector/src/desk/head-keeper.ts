import type { Runtime } from '../runtime.ts';
import type { HeadSigner } from './journal/head-signer.ts';
import type { Journal } from './journal/journal.ts';

/** Heads are signed after this many events, or when this time has passed and there are any new ones. */
const SIGN_EVENTS = 1_000;
const SIGN_MS = 3_600_000;
/** How long to wait after a head could not be written. */
const RETRY_MS = 60_000;

/** Signs and exports the journal's head from time to time. */
export class HeadKeeper {
  readonly #journal: Journal;
  readonly #signer: HeadSigner;
  readonly #runtime: Runtime;
  #signedPosition = 0;
  #signedAtMs = -Infinity;
  #notBeforeMs = -Infinity;

  constructor(journal: Journal, signer: HeadSigner, runtime: Runtime) {
    this.#journal = journal;
    this.#signer = signer;
    this.#runtime = runtime;
  }

  async keep(nowMs: number): Promise<void> {
    const { position } = this.#journal.head;
    const due = nowMs - this.#signedAtMs >= SIGN_MS || position - this.#signedPosition >= SIGN_EVENTS;
    if (due && nowMs >= this.#notBeforeMs) await this.sign(nowMs);
  }

  /** Signs the head if it is a new one. A head that cannot be written is only one proof less: it is logged. */
  async sign(nowMs: number): Promise<void> {
    const { head } = this.#journal;
    if (head.position === this.#signedPosition) return;
    this.#notBeforeMs = nowMs + RETRY_MS;
    try {
      await this.#signer.export(head, nowMs);
      this.#signedPosition = head.position;
      this.#signedAtMs = nowMs;
      this.#notBeforeMs = nowMs;
    } catch (error) {
      this.#runtime.log.error({ err: error }, 'the signed head of the journal could not be written');
    }
  }
}
