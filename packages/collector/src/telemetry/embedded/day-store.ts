import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readTimes } from './chunk/block-codec.ts';
import { DayReader, dayFileName, isReadableDay, listDays } from './chunk/day-file.ts';
import { DAY_MS, WINDOW_MS, dayStart, windowStart } from './head/windows.ts';
import { DayChunks } from './query/day-chunks.ts';
import { type FrameOrder, frameOrder } from './query/frame-order.ts';

/** Days kept open for reading. */
const MAX_OPEN_DAYS = 8;
/** Timelines kept, about seven kilobytes each; all are let go when there are more. */
const MAX_TIMELINES = 8192;

/** When the rows of a block were collected, and by which frames. */
export interface DayTimeline {
  readonly timestamps: Float64Array;
  readonly order: () => FrameOrder;
}

/** The sealed days, for reading. */
export class DayStore implements Disposable {
  /** What queries read of them. */
  readonly chunks: DayChunks;
  readonly #directory: string;
  #days: readonly number[];
  /** Least recently used first. */
  readonly #open = new Map<number, DayReader>();
  /** By window and number. */
  readonly #timelines = new Map<number, Map<number, DayTimeline>>();
  #timelineCount = 0;

  /**
   * Keeps up to `chunkBytes` of what was read.
   *
   * @throws PlimsollError 'configuration' for a day of a newer version.
   */
  constructor(directory: string, chunkBytes: number) {
    this.#directory = directory;
    this.chunks = new DayChunks(this, chunkBytes);
    this.#days = listDays(directory).filter((day) => isReadableDay(directory, day));
  }

  /** Starts of the days there are, ascending. */
  get days(): readonly number[] {
    return this.#days;
  }

  /** Takes note that the writer has made a day's file. */
  added(windowStartMs: number): void {
    const day = dayStart(windowStartMs);
    this.chunks.changed(windowStartMs);
    if (!this.#days.includes(day)) this.#days = [...this.#days, day].sort((a, b) => a - b);
  }

  /** Lets go of days that are about to be deleted. */
  removed(days: readonly number[]): void {
    for (const day of days) this.#close(day);
    this.#days = this.#days.filter((day) => !days.includes(day));
    this.#forgetTimelines();
    this.chunks.changed();
  }

  /** Starts of the windows within [startMs, endMs] that lie in a day there is, ascending. */
  windowsWithin(startMs: number, endMs: number): number[] {
    const windows: number[] = [];
    for (const day of this.#days) {
      const last = Math.min(endMs, day + DAY_MS - 1);
      for (let at = windowStart(Math.max(startMs, day)); at <= last; at += WINDOW_MS) windows.push(at);
    }
    return windows;
  }

  reader(windowStartMs: number): DayReader {
    const day = dayStart(windowStartMs);
    let reader = this.#open.get(day);
    if (reader === undefined) {
      reader = new DayReader(this.#directory, day);
      const [oldest] = this.#open.keys();
      if (oldest !== undefined && this.#open.size >= MAX_OPEN_DAYS) this.#close(oldest);
    }
    this.#open.delete(day);
    this.#open.set(day, reader);
    return reader;
  }

  timeline(windowStartMs: number, number: number): DayTimeline {
    return this.#timelines.get(windowStartMs)?.get(number) ?? this.#readTimeline(windowStartMs, number);
  }

  #readTimeline(windowStartMs: number, number: number): DayTimeline {
    const bytes = this.reader(windowStartMs).timeline(windowStartMs, number);
    if (bytes === undefined) throw new Error(`timeline ${windowStartMs}:${number} is missing: run verify`);
    const timeline = { timestamps: readTimes(bytes), order: frameOrder(bytes) };
    if (this.#timelineCount >= MAX_TIMELINES) this.#forgetTimelines();
    const ofWindow = this.#timelines.get(windowStartMs);
    if (ofWindow === undefined) this.#timelines.set(windowStartMs, new Map([[number, timeline]]));
    else ofWindow.set(number, timeline);
    this.#timelineCount++;
    return timeline;
  }

  /** Size of each day on disk, oldest first. */
  sizes(): { readonly day: number; readonly bytes: number }[] {
    return this.#days.map((day) => {
      const path = join(this.#directory, dayFileName(day));
      const sizes = ['', '-wal'].map(
        (suffix) => statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0,
      );
      return { day, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    });
  }

  [Symbol.dispose](): void {
    for (const day of this.#open.keys()) this.#close(day);
  }

  #forgetTimelines(): void {
    this.#timelines.clear();
    this.#timelineCount = 0;
  }

  #close(day: number): void {
    this.#open.get(day)?.[Symbol.dispose]();
    this.#open.delete(day);
  }
}
