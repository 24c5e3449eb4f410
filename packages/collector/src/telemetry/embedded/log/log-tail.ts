import { statSync } from 'node:fs';
import { FILE_HEADER_BYTES } from '../framing.ts';
import type { StorePaths } from '../store-paths.ts';
import { logSegmentNumbers, logSegmentPath } from './log-segments.ts';

/** A place in the log, between two groups: a segment and a number of bytes from its beginning. */
export interface LogPosition {
  readonly segment: number;
  readonly offset: number;
}

/** What is known about one segment that may not have been read yet. */
export interface TailSegment {
  readonly number: number;
  /** Everything before is durable; of a segment found at the start it is the file's size, torn bytes included. */
  endBytes: number;
  /** It was there when the store was opened: it ends with its last intact group. */
  readonly found: boolean;
  /** The oldest time of any sample in it; -Infinity while unknown. */
  oldestMs: number;
  /** Wall clock when its first and its latest group became durable. */
  readonly firstAtMs: number;
  lastAtMs: number;
}

/** The durable part of the log, for one who reads behind the writer. Lives on the main thread. */
export class LogTail {
  readonly #paths: Pick<StorePaths, 'log' | 'queue'>;
  readonly #now: () => number;
  /** Ascending. */
  readonly #segments = new Map<number, TailSegment>();
  #bytes = 0;
  #passed: LogPosition = { segment: 0, offset: 0 };
  #listener: () => void = () => undefined;

  constructor(paths: Pick<StorePaths, 'log' | 'queue'>, now: () => number) {
    this.#paths = paths;
    this.#now = now;
    for (const directory of [paths.queue, paths.log]) {
      for (const number of logSegmentNumbers(directory)) {
        const { size, mtimeMs } = statSync(logSegmentPath(directory, number));
        const times = { firstAtMs: mtimeMs, lastAtMs: mtimeMs };
        const endBytes = size > FILE_HEADER_BYTES ? size : 0;
        this.#segments.set(number, { number, endBytes, found: true, oldestMs: -Infinity, ...times });
        this.#bytes += endBytes;
      }
    }
  }

  /** Durable bytes that were not passed. */
  get bytes(): number {
    const { segment, offset } = this.#passed;
    return this.#bytes - (this.#segments.has(segment) ? offset : 0);
  }

  /** Behind the newest durable group. */
  get end(): LogPosition {
    let end: LogPosition = { segment: 0, offset: 0 };
    for (const { number, endBytes } of this.#segments.values()) {
      if (endBytes > 0) end = { segment: number, offset: endBytes };
    }
    return end;
  }

  /** The first segment of at least this number that has anything durable. */
  first(number: number): TailSegment | undefined {
    for (const segment of this.#segments.values()) {
      if (segment.number >= number && segment.endBytes > 0) return segment;
    }
    return undefined;
  }

  /** The oldest time of any sample that was not passed; -Infinity where that is not known. */
  get oldestMs(): number {
    const { segment, offset } = this.#passed;
    let oldestMs = Infinity;
    for (const { number, endBytes, oldestMs: inSegment } of this.#segments.values()) {
      if (number > segment || endBytes > offset) oldestMs = Math.min(oldestMs, inSegment);
    }
    return oldestMs;
  }

  /** Where a segment may be: it moves to the queue when the store itself needs it no longer. */
  candidates(number: number): string[] {
    return [this.#paths.log, this.#paths.queue].map((directory) => logSegmentPath(directory, number));
  }

  /** Tells the one listener that something became durable. */
  onCommit(listener: () => void): void {
    this.#listener = listener;
  }

  /** A sample of this time goes into this segment. */
  note(number: number, oldestMs: number): void {
    const segment = this.#segment(number);
    if (oldestMs < segment.oldestMs) segment.oldestMs = oldestMs;
  }

  committed(number: number, endBytes: number): void {
    const segment = this.#segment(number);
    this.#bytes += endBytes - segment.endBytes;
    segment.endBytes = endBytes;
    segment.lastAtMs = this.#now();
    this.#listener();
  }

  /** A segment turned out to be readable up to here only. */
  cut(number: number, endBytes: number): void {
    const segment = this.#segment(number);
    this.#bytes += endBytes - segment.endBytes;
    segment.endBytes = endBytes;
  }

  /** Everything before this place has been read for good. */
  passed(position: LogPosition): void {
    this.#passed = position;
    for (const segment of this.#segments.values()) {
      if (segment.number >= position.segment) continue;
      this.#segments.delete(segment.number);
      this.#bytes -= segment.endBytes;
    }
  }

  #segment(number: number): TailSegment {
    let segment = this.#segments.get(number);
    if (segment === undefined) {
      const nowMs = this.#now();
      const times = { firstAtMs: nowMs, lastAtMs: nowMs };
      segment = { number, endBytes: 0, found: false, oldestMs: Infinity, ...times };
      this.#segments.set(number, segment);
    }
    return segment;
  }
}

/** What the one who reads behind the writer lets the store drop. */
export interface LogReader {
  /** Segments before this one have been read for good. */
  readonly keepSegmentsFrom: () => number;
  /** What may go before its time, because it was read, and from where on nothing may go at all. */
  readonly release: () => Release;
  /** Told before samples up to a time are dropped for want of room, and waited for. */
  readonly dropping: (beforeMs: number) => Promise<void>;
}

export interface Release {
  /** What lies wholly within [fromMs, toMs) may be dropped. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Samples of this time and later were not read yet. */
  readonly heldFromMs: number;
}

/** Without a reader nothing goes before its time, and nothing is held. */
export const NO_RELEASE: Release = { fromMs: 0, toMs: -Infinity, heldFromMs: Infinity };

/** The newest segment there is, 0 for none. */
export function newestSegment(paths: Pick<StorePaths, 'log' | 'queue'>): number {
  return Math.max(
    0,
    ...[paths.log, paths.queue].map((directory) => logSegmentNumbers(directory).at(-1) ?? 0),
  );
}
