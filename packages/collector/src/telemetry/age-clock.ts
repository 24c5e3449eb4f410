import type { Runtime } from '../runtime.ts';

const HOUR_MS = 3600 * 1000;
/** A wall clock that is further ahead than this of what has passed since it was last believed has jumped. */
const MAX_LEAD_MS = HOUR_MS;
/** A jump that has lasted for this long is believed: somebody had the time to see it and to put the clock right. */
const BELIEVED_AFTER_MS = 24 * HOUR_MS;

/**
 * The wall clock for telling the age of telemetry. One that jumps ahead, by a wrong setting or a dead battery, would
 * make all there is too old at once: this one goes on from where it was until the jump has lasted. It follows a
 * clock that goes back at once, since that deletes nothing.
 */
export class AgeClock {
  readonly #now: Runtime['now'];
  readonly #log: Runtime['log'] | null;
  readonly #monotonicMs: () => number;
  #believedMs: number;
  #believedAtMs: number;
  /** On the monotonic clock. */
  #jumpedAtMs: number | null = null;

  /**
   * Begins at the newest sample there is: whether the clock jumped while nobody looked cannot be told. One of those that
   * look at the same clock has the log, which is told of jumps.
   */
  constructor(parts: {
    now: Runtime['now'];
    newestMs: number | null;
    log: Runtime['log'] | null;
    monotonicMs?: () => number;
  }) {
    this.#now = parts.now;
    this.#log = parts.log;
    this.#monotonicMs = parts.monotonicMs ?? (() => performance.now());
    this.#believedMs = Math.min(parts.newestMs ?? Infinity, parts.now());
    this.#believedAtMs = this.#monotonicMs();
  }

  now(): number {
    const wallMs = this.#now();
    const atMs = this.#monotonicMs();
    const expectedMs = this.#believedMs + atMs - this.#believedAtMs;
    if (wallMs > expectedMs + MAX_LEAD_MS && !this.#hasLasted(atMs, wallMs - expectedMs)) return expectedMs;
    this.#jumpedAtMs = null;
    this.#believedMs = wallMs;
    this.#believedAtMs = atMs;
    return wallMs;
  }

  #hasLasted(atMs: number, leadMs: number): boolean {
    if (this.#jumpedAtMs === null) {
      this.#jumpedAtMs = atMs;
      this.#log?.warn(
        { hours: Math.round(leadMs / HOUR_MS) },
        `the clock is ${Math.round(leadMs / HOUR_MS)} hours ahead of the newest telemetry: nothing is deleted or refused for its age because of that for ${BELIEVED_AFTER_MS / HOUR_MS} hours; set the clock if it is wrong`,
      );
    }
    return atMs - this.#jumpedAtMs >= BELIEVED_AFTER_MS;
  }
}
