import type { Runtime } from '../runtime.ts';
import { GroupClock } from './group-clock.ts';
import { MAX_TIMER_MS } from './limits.ts';

/** One thing to be done at the slots of an interval. */
export interface Scheduled {
  readonly identity: string;
  readonly intervalMs: number;
  /** Runs to its end before the next tick; must not reject. */
  readonly tick: (atMs: number) => Promise<void>;
  readonly onMissed: (count: number) => void;
}

/** Calls a group at its slots, one run at a time, until it is stopped. */
export class GroupScheduler implements AsyncDisposable {
  readonly #runtime: Runtime;
  readonly #scheduled: Scheduled;
  readonly #clock: GroupClock;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(runtime: Runtime, scheduled: Scheduled) {
    this.#runtime = runtime;
    this.#scheduled = scheduled;
    this.#clock = new GroupClock(scheduled.identity, scheduled.intervalMs, runtime.now());
    this.#arm();
  }

  #arm(): void {
    const waitMs = Math.min(Math.max(0, this.#clock.nextMs - this.#runtime.now()), MAX_TIMER_MS);
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, waitMs);
  }

  async #run(): Promise<void> {
    const due = this.#clock.take(this.#runtime.now());
    if (due) {
      if (due.missed > 0) this.#scheduled.onMissed(due.missed);
      await this.#scheduled.tick(due.atMs);
    }
    if (!this.#stopped) this.#arm();
  }

  /** Waits for the run under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
