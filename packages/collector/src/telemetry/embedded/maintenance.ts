import type { DayStore } from './day-store.ts';
import type { EncodedFrames, LooseBlock } from './head/encoded-blocks.ts';
import type { Head } from './head/head.ts';
import { DAY_MS, WINDOW_MS, dayStart } from './head/windows.ts';
import type { IndexBacklog } from './index/index-backlog.ts';
import type { IndexChanges } from './index/index-file.ts';
import type { GroupCommit } from './log/group-commit.ts';
import type { LogReader } from './log/log-tail.ts';
import { NO_RELEASE } from './log/log-tail.ts';
import type { RecentBlocks } from './recent-blocks.ts';
import type { DayRollups } from './rollup/day-rollups.ts';
import type { Sealer } from './sealer.ts';
import type { WriterClient } from './writer/writer-client.ts';

/** A block that is this old is sealed even if few frames came, so that the log never covers more than 20 minutes. */
const MAX_BLOCK_AGE_MS = 14 * 60 * 1000;
/** A segment of the log is ended at this age, so that it can be dropped. */
const MAX_SEGMENT_AGE_MS = 5 * 60 * 1000;
/** A window is rearranged when data this far behind its end has arrived: later frames of it are backfill. */
const WINDOW_GRACE_MS = 2 * 60 * 1000;
/** Days whose rollups cannot be made are kept this much longer, and then dropped all the same. */
const ROLLUP_GRACE_MS = DAY_MS;

export interface MaintenanceParts {
  readonly head: Head;
  readonly recent: RecentBlocks;
  readonly days: DayStore;
  readonly rollups: DayRollups;
  readonly commits: GroupCommit;
  readonly backlog: IndexBacklog;
  readonly sealer: Sealer;
  readonly writer: WriterClient;
  readonly newestMs: () => number | null;
  /** Who reads the log behind the writer, if anyone does. */
  readonly reader: () => LogReader | null;
  readonly onLogBytes: (bytes: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Moves data along its path: head, blocks, days; and drops what is behind. Failures leave everything as it was. */
export class Maintenance {
  readonly #parts: MaintenanceParts;
  #segmentSince = performance.now();
  #segment = 0;
  /** The log holds nothing before this segment. */
  #keptFrom = 0;
  /** Nothing refers to these any more, but they could not be removed yet. */
  readonly #unused = { files: new Set<string>(), days: new Set<number>() };
  #running: Promise<void> | undefined;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
  }

  /** Does what is due; with `everything`, all that can be done. One run at a time. */
  async run(everything = false): Promise<void> {
    if (this.#running === undefined || everything) await this.exclusively(() => this.#runOnce(everything));
  }

  /** Does something while no file of the store is merged, checkpointed or removed; log and blocks still grow. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    while (this.#running !== undefined) await this.#running;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running = promise;
    try {
      return await work();
    } finally {
      this.#running = undefined;
      resolve();
    }
  }

  async #runOnce(everything: boolean): Promise<void> {
    const { sealer, commits } = this.#parts;
    // What cannot be removed takes room, and is no reason to stop everything else.
    await this.#removeUnused().catch((error: unknown) => this.#parts.onFailure(error));
    try {
      if (everything) await commits.commit();
      this.#endSegment(everything);
      await sealer.sealOlderThan(everything ? 0 : MAX_BLOCK_AGE_MS);
      await this.#checkpoint();
      await this.#mergeWindows(everything);
      await this.#parts.rollups.run(everything);
      this.#parts.head.dropEmptySets();
    } catch (error) {
      this.#parts.onFailure(error);
    }
  }

  /**
   * Deletes the days and blocks that lie before a time, and then the oldest days while the store is too large.
   *
   * @returns whether anything was deleted.
   */
  async deleteBefore(oldestMs: number, excessBytes: () => number): Promise<boolean> {
    let deleted = false;
    await this.exclusively(async () => {
      const { recent, days, reader } = this.#parts;
      // What could not be removed takes room: no more days are given up for it.
      await this.#removeUnused();
      const { fromMs, toMs, heldFromMs } = reader()?.release() ?? NO_RELEASE;
      const mayGo = (startMs: number, endMs: number): boolean =>
        endMs <= heldFromMs && (endMs <= oldestMs || (startMs >= fromMs && endMs <= toMs));
      const old = days.days.filter((day) => mayGo(day, day + DAY_MS));
      if (old.length > 0) await this.#removeDays(old, oldestMs - ROLLUP_GRACE_MS);
      const past = recent.windows().filter((start) => mayGo(start, start + WINDOW_MS));
      for (const windowStartMs of past) await this.#dropBlocks(windowStartMs, this.#sealedIn(windowStartMs));
      deleted = old.length + past.length > 0;
      if (await this.#parts.rollups.dropOld()) deleted = true;
      while (excessBytes() > 0 && days.days.length > 1) {
        const [oldest = 0] = days.days;
        if (oldest + DAY_MS > heldFromMs) break;
        await reader()?.dropping(oldest + DAY_MS);
        deleted = true;
        await this.#removeDays([oldest], Infinity);
      }
    });
    return deleted;
  }

  /** Deletes days of which rollups were made; of others, those that end before `mustGoBeforeMs`. */
  async #removeDays(days: readonly number[], mustGoBeforeMs: number): Promise<void> {
    let gone = days;
    try {
      await this.#parts.rollups.keep(days);
    } catch (error) {
      this.#parts.onFailure(error);
      gone = days.filter((day) => day + DAY_MS <= mustGoBeforeMs);
    }
    this.#parts.days.removed(gone);
    for (const day of gone) this.#unused.days.add(day);
    await this.#removeUnused();
  }

  /** Throws where something cannot be removed; it is tried again. */
  async #removeUnused(): Promise<void> {
    const { files, days } = this.#unused;
    if (days.size > 0) await this.#parts.writer.run({ kind: 'remove-days', days: [...days] });
    days.clear();
    if (files.size > 0) await this.#parts.writer.run({ kind: 'remove-blocks', files: [...files] });
    files.clear();
  }

  /** Takes note that samples were taken out of a window's day, or put there. */
  rewritten(windowStartMs: number): void {
    this.#parts.days.added(windowStartMs);
    this.#parts.rollups.merged(windowStartMs);
  }

  #endSegment(now: boolean): void {
    const { commits } = this.#parts;
    if (commits.segment !== this.#segment) {
      this.#segment = commits.segment;
      this.#segmentSince = performance.now();
    }
    if (now || performance.now() - this.#segmentSince > MAX_SEGMENT_AGE_MS) commits.endSegment();
  }

  async #checkpoint(): Promise<void> {
    const { sealer, commits, backlog, writer } = this.#parts;
    const needed = Math.min(sealer.oldestNeededSegment(), commits.oldestPendingSegment);
    if (needed <= this.#keptFrom) return;
    do await this.#index(backlog.take());
    while (backlog.waitingSeries > 0);
    const keepFrom = this.#parts.reader()?.keepSegmentsFrom() ?? Infinity;
    const { logBytes } = await writer.run({ kind: 'drop-log', beforeSegment: needed, keepFrom });
    this.#keptFrom = needed;
    this.#parts.onLogBytes(logBytes ?? 0);
  }

  async #index(changes: IndexChanges): Promise<void> {
    try {
      await this.#parts.writer.run({ kind: 'index', changes });
    } catch (error) {
      this.#parts.backlog.giveBack(changes);
      throw error;
    }
  }

  async #mergeWindows(everything: boolean): Promise<void> {
    const { recent, newestMs } = this.#parts;
    const completeBefore = everything ? Infinity : (newestMs() ?? 0) - WINDOW_GRACE_MS;
    for (const windowStartMs of recent.windows()) {
      if (windowStartMs + WINDOW_MS > completeBefore) continue;
      // What is merged into a day that is about to be removed would go with it.
      if (this.#unused.days.has(dayStart(windowStartMs))) continue;
      await this.#closeWindow(windowStartMs);
      const blocks = this.#sealedIn(windowStartMs);
      const all = recent.blocksOf(windowStartMs);
      // Frames that the log still holds would come back from it after a crash, and be in the day's file twice.
      const settled = blocks.every((block) => block.lastSegment < this.#keptFrom);
      if (settled && blocks.length === all.frames.length + all.loose.length && blocks.length > 0) {
        await this.#merge(windowStartMs, blocks);
      }
    }
  }

  /** Seals what is open of a window that has passed. */
  async #closeWindow(windowStartMs: number): Promise<void> {
    const open = [...this.#parts.head.sets()].flatMap((set) =>
      set.blocks.filter((block) => block.windowStartMs === windowStartMs),
    );
    await Promise.all(open.map((block) => this.#parts.sealer.seal(block)));
  }

  #sealedIn(windowStartMs: number): (EncodedFrames | LooseBlock)[] {
    const { frames, loose } = this.#parts.recent.blocksOf(windowStartMs);
    return [...frames, ...loose.filter((block) => block.location !== null)];
  }

  async #merge(windowStartMs: number, blocks: readonly (EncodedFrames | LooseBlock)[]): Promise<void> {
    const byAgent = Map.groupBy(blocks, (block) => ('set' in block ? block.set.agentId : ''));
    // In the order of their series, so that rows are added at the end of the day's file and fill its pages.
    const agents = [...byAgent.values()]
      .sort((a, b) => firstRef(a) - firstRef(b))
      .map((group) => group.flatMap(({ location }) => location ?? []));
    await this.#parts.writer.run({ kind: 'merge', windowStartMs, agents });
    this.rewritten(windowStartMs);
    await this.#dropBlocks(windowStartMs, blocks);
  }

  async #dropBlocks(windowStartMs: number, blocks: readonly (EncodedFrames | LooseBlock)[]): Promise<void> {
    const gone = new Set(blocks);
    for (const block of blocks) {
      if ('set' in block) block.set.encoded = block.set.encoded.filter((other) => !gone.has(other));
    }
    for (const file of this.#parts.recent.remove(windowStartMs, gone)) this.#unused.files.add(file);
    await this.#removeUnused();
  }
}

function firstRef(blocks: readonly (EncodedFrames | LooseBlock)[]): number {
  const [first] = blocks;
  if (first === undefined) return 0;
  return ('set' in first ? first.set.refs : first.refs)[0] ?? 0;
}
