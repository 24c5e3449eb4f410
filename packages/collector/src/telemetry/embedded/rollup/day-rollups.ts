import { DAY_MS, dayStart } from '../head/windows.ts';
import type { DayStore } from '../day-store.ts';
import type { EmbeddedStoreOptions } from '../store-options.ts';
import type { WriterClient } from '../writer/writer-client.ts';
import type { RollupStore } from './rollup-store.ts';

/** A day is over when data this far behind its end has arrived: later frames of it are backfill. */
const DAY_GRACE_MS = 2 * 60 * 1000;
/** A day that blocks are merged into waits until they were quiet for this long: backfill comes in many windows. */
const QUIET_MS = 10 * 60 * 1000;
/** Of each run of maintenance, so that sealing always gets its turn. */
const SHARE_MS = 1500;

/** Of what telemetry may take on disk, rollups may take this share. */
const SIZE_SHARE = 0.25;

export interface DayRollupsParts {
  readonly rollups: RollupStore;
  readonly days: Pick<DayStore, 'days'>;
  readonly writer: Pick<WriterClient, 'run'>;
  /** The time that the age of telemetry is told by. */
  readonly ageNow: () => number;
  /** Where rollups are kept for no time, none are made, and those there are stay. */
  readonly options: Pick<EmbeddedStoreOptions, 'rollupRetentionMs' | 'retentionSizeBytes'>;
  readonly newestMs: () => number | null;
}

/** Has the writer roll up days that are over, and again when data came for them, and drops what is old. */
export class DayRollups {
  readonly #parts: DayRollupsParts;
  /** Days known to be up to date. */
  readonly #done = new Set<number>();
  readonly #mergedAt = new Map<number, number>();

  constructor(parts: DayRollupsParts) {
    this.#parts = parts;
  }

  /** Takes note that a window was merged into its day. */
  merged(windowStartMs: number): void {
    const day = dayStart(windowStartMs);
    this.#done.delete(day);
    this.#mergedAt.set(day, performance.now());
  }

  /** Rolls up what is due, for a while; with `everything`, all there is. */
  async run(everything: boolean): Promise<void> {
    const { newestMs, days } = this.#parts;
    const startedAt = performance.now();
    const overBefore = everything ? Infinity : (newestMs() ?? 0) - DAY_GRACE_MS;
    const quietBefore = everything ? Infinity : startedAt - QUIET_MS;
    for (const day of days.days) {
      if (day + DAY_MS > overBefore || (this.#mergedAt.get(day) ?? -Infinity) > quietBefore) continue;
      while (!(await this.#rollUp(day))) {
        if (!everything && performance.now() > startedAt + SHARE_MS) return;
      }
    }
  }

  /** Makes sure of the rollups of days whose samples are about to be dropped. */
  async keep(days: readonly number[]): Promise<void> {
    const { rollups, writer, options } = this.#parts;
    if (options.rollupRetentionMs === 0) return;
    for (const day of days) while (!(await this.#rollUp(day)));
    await writer.run({ kind: 'keep-rollups', days });
    rollups.madeFinal(days);
  }

  /** Drops what is older than rollups are kept, or more than they may take. Answers whether anything was. */
  async dropOld(): Promise<boolean> {
    const { rollups, writer, options } = this.#parts;
    if (options.rollupRetentionMs === 0) return false;
    const files = rollups.drop(this.#keptFromMs, options.retentionSizeBytes * SIZE_SHARE);
    if (files.length > 0) await writer.run({ kind: 'remove-rollups', files });
    return files.length > 0;
  }

  /** Infinity where nothing is to be rolled up. */
  get #keptFromMs(): number {
    const { ageNow, options } = this.#parts;
    return options.rollupRetentionMs === 0 ? Infinity : ageNow() - options.rollupRetentionMs;
  }

  /** One task's worth of a day; whether it is done. */
  async #rollUp(day: number): Promise<boolean> {
    if (day + DAY_MS <= this.#keptFromMs || this.#done.has(day)) return true;
    const { rolledUp = false } = await this.#parts.writer.run({ kind: 'roll-up', dayStartMs: day });
    if (rolledUp) this.#done.add(day);
    return rolledUp;
  }
}
