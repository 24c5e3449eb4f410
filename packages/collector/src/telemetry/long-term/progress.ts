import type { LogPosition, LogTail, Release } from '../embedded/log/log-tail.ts';
import { type ReaderState, saveReaderState } from '../embedded/log/reader-state.ts';

/** What has been forwarded and what may be dropped, in memory and on disk. */
export class Progress {
  readonly #root: string;
  #state: ReaderState;
  #tail: LogTail | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(root: string, state: ReaderState) {
    this.#root = root;
    this.#state = state;
  }

  get position(): LogPosition {
    return { segment: this.#state.segment, offset: this.#state.offset };
  }

  /** The embedded store has all samples from here on. */
  get completeFromMs(): number {
    return this.#state.completeFromMs;
  }

  /** Samples of this time and later may not be forwarded yet. */
  get heldFromMs(): number {
    return this.#tail?.oldestMs ?? -Infinity;
  }

  /** Names the log whose segments tell what was not forwarded yet. */
  watch(tail: LogTail): void {
    this.#tail = tail;
  }

  /** What the embedded store may drop: only what was forwarded, and nothing from the time before forwarding. */
  release(): Release {
    const { historyEndMs, completeFromMs } = this.#state;
    const fromMs = historyEndMs === null ? -Infinity : historyEndMs + 1;
    return { fromMs, toMs: completeFromMs, heldFromMs: this.heldFromMs };
  }

  /** Takes note that everything before a place has been forwarded for good. */
  forwarded(position: LogPosition, newestMs: number): Promise<void> {
    return this.#change({ ...position, newestMs: Number.isFinite(newestMs) ? newestMs : null });
  }

  /** What is before was dropped by retention. */
  get retainedFromMs(): number {
    return this.#state.retainedFromMs;
  }

  /**
   * Lets the embedded store drop what is before a time, and hides what is before another, as soon as that is written
   * down. Neither ever goes back.
   */
  async releaseBefore(completeFromMs: number, retainedFromMs = 0): Promise<void> {
    const { completeFromMs: complete, retainedFromMs: retained } = this.#state;
    if (completeFromMs <= complete && retainedFromMs <= retained) return;
    await this.#change({
      completeFromMs: Math.max(completeFromMs, complete),
      retainedFromMs: Math.max(retainedFromMs, retained),
    });
  }

  async #change(change: Partial<ReaderState>): Promise<void> {
    const before = this.#saving;
    this.#saving = (async () => {
      await before.catch(() => undefined);
      const next = { ...this.#state, ...change };
      await saveReaderState(this.#root, next);
      this.#state = next;
    })();
    await this.#saving;
  }
}
