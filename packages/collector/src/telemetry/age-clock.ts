import type { Runtime } from '../runtime.ts';

const HOUR_MS = 3600 * 1000;
/** A wall clock that is further ahead than this of what has passed since it was last believed has jumped. */
export const MAX_LEAD_MS = HOUR_MS;
/** A jump that has lasted for this long is believed: somebody had the time to see it and to put the clock right. */
const BELIEVED_AFTER_MS = 24 * HOUR_MS;

/**
 * The wall clock for telling the age of telemetry, one for all who look at it. One that jumps ahead, by a wrong setting
 * or a dead battery, would make all there is too old at once: this one goes on from where it was until the jump has
 * lasted. It follows a clock that goes back at once, since that deletes nothing.
 */
export class AgeClock {
  readonly #now: Runtime['now'];
  readonly #log: Runtime['log'];
  readonly #monotonicMs: () => number;
  #believedMs: number;
  #believedAtMs: number;
  /** On the monotonic clock. */
  #jumpedAtMs: number | null = null;

  /**
   * Begins at the newest sample there is, null for none. Whether the clock jumped while nobody looked, or the telemetry
   * is just old, cannot be told: nothing is deleted then for as long, and nobody is warned.
   */
  constructor(parts: {
    now: Runtime['now'];
    newestMs: number | null;
    log: Runtime['log'];
    monotonicMs?: () => number;
  }) {
    this.#now = parts.now;
    this.#log = parts.log;
    this.#monotonicMs = parts.monotonicMs ?? (() => performance.now());
    const wallMs = parts.now();
    this.#believedMs = Math.min(parts.newestMs ?? Infinity, wallMs);
    this.#believedAtMs = this.#monotonicMs();
    const leadMs = wallMs - this.#believedMs;
    if (leadMs <= MAX_LEAD_MS) return;
    this.#jumpedAtMs = this.#believedAtMs;
    this.#log.info(
      { hours: hoursOf(leadMs) },
      `the newest telemetry is ${hoursOf(leadMs)} hours old: in case the clock is wrong, nothing is deleted or refused because of that for ${hoursOf(BELIEVED_AFTER_MS)} hours`,
    );
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
      this.#log.warn(
        { hours: hoursOf(leadMs) },
        `the clock jumped ${hoursOf(leadMs)} hours ahead: nothing is deleted or refused for its age because of that for ${hoursOf(BELIEVED_AFTER_MS)} hours; set the clock if it is wrong`,
      );
    }
    return atMs - this.#jumpedAtMs >= BELIEVED_AFTER_MS;
  }
}

function hoursOf(ms: number): number {
  return Math.round(ms / HOUR_MS);
}
