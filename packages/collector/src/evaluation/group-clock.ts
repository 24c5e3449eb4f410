import { createHash } from 'node:crypto';

/** A tick that is due. `missed` are those between it and the one before that nobody waited for. */
export interface DueTick {
  readonly atMs: number;
  readonly missed: number;
}

/** When a group's ticks fall: multiples of its interval, moved by a hash of its name so that groups spread out. */
export class GroupClock {
  readonly #intervalMs: number;
  readonly #phaseMs: number;
  #nextMs: number;

  constructor(identity: string, intervalMs: number, nowMs: number) {
    this.#intervalMs = intervalMs;
    const hash = createHash('sha256').update(identity).digest().readUInt32LE(0);
    this.#phaseMs = hash % intervalMs;
    this.#nextMs = this.#slotAfter(nowMs);
  }

  get nextMs(): number {
    return this.#nextMs;
  }

  /**
   * The newest slot at or before `nowMs`, with the number of slots it skips; undefined when none is due. A clock that
   * was set back starts over from there.
   */
  take(nowMs: number): DueTick | undefined {
    if (nowMs < this.#nextMs - this.#intervalMs) this.#nextMs = this.#slotAfter(nowMs);
    if (nowMs < this.#nextMs) return undefined;
    const missed = Math.floor((nowMs - this.#nextMs) / this.#intervalMs);
    const atMs = this.#nextMs + missed * this.#intervalMs;
    this.#nextMs = atMs + this.#intervalMs;
    return { atMs, missed };
  }

  #slotAfter(nowMs: number): number {
    const since = (((nowMs - this.#phaseMs) % this.#intervalMs) + this.#intervalMs) % this.#intervalMs;
    return nowMs - since + this.#intervalMs;
  }
}
