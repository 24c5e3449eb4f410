import { type FileHandle, open } from 'node:fs/promises';
import { PlimsollError } from '../../errors.ts';
import { FILE_HEADER_BYTES, FRAME_HEAD_BYTES, intactFrame } from '../embedded/framing.ts';
import type { LogPosition, LogTail, TailSegment } from '../embedded/log/log-tail.ts';
import { LOG_READ_BYTES } from './limits.ts';
import { hasCode } from '../../has-code.ts';

/** One commit group of the log. */
export interface LogGroup {
  /** Its records; good until the next group is read. */
  readonly payload: Uint8Array;
  /** Behind the group. */
  readonly end: LogPosition;
  /** The first group of its segment. */
  readonly beginsSegment: boolean;
  /** Lies before the place that was sought: only what it defines counts. */
  readonly passed: boolean;
}

/**
 * Reads the durable groups of the log in the order they were appended. A segment is always read from its beginning,
 * because it defines there what its later groups use.
 */
export class LogGroups implements AsyncDisposable {
  readonly #tail: LogTail;
  readonly #onDamage: (place: LogPosition) => void;
  #sought: LogPosition;
  #segment = 0;
  #offset = FILE_HEADER_BYTES;
  #file: FileHandle | undefined;
  #buffer = Buffer.alloc(0);
  #bufferStart = 0;

  constructor(tail: LogTail, from: LogPosition, onDamage: (place: LogPosition) => void) {
    this.#tail = tail;
    this.#sought = from;
    this.#onDamage = onDamage;
  }

  /** Goes to a place that a group ended at, or that is before all groups. */
  async seek(position: LogPosition): Promise<void> {
    await this.#leave();
    this.#sought = position;
    this.#segment = 0;
  }

  /** The next durable group; null where there is none yet. */
  async next(): Promise<LogGroup | null> {
    for (;;) {
      const segment = this.#tail.first(Math.max(this.#segment, this.#sought.segment));
      if (segment === undefined) return null;
      if (segment.number !== this.#segment) await this.#enter(segment.number);
      if (this.#offset < segment.endBytes) {
        const group = await this.#read(segment);
        if (group !== null) return group;
      }
      const later = this.#tail.first(segment.number + 1);
      if (later === undefined) return null;
      await this.#enter(later.number);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
  }

  async #enter(number: number): Promise<void> {
    await this.#leave();
    this.#segment = number;
    this.#offset = FILE_HEADER_BYTES;
  }

  async #leave(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#buffer = Buffer.alloc(0);
    await file?.close();
  }

  async #read(segment: TailSegment): Promise<LogGroup | null> {
    const start = this.#offset;
    const head = await this.#bytes(segment, FRAME_HEAD_BYTES);
    const length = head === null ? 0 : head.readUInt32LE(0);
    const frame = head === null ? null : await this.#bytes(segment, FRAME_HEAD_BYTES + length);
    const payload = frame === null ? null : intactFrame(frame);
    if (payload === null) {
      // What a process that died left behind ends so; what this process wrote does not.
      if (!segment.found) this.#onDamage({ segment: segment.number, offset: start });
      this.#tail.cut(segment.number, start);
      return null;
    }
    this.#offset = start + FRAME_HEAD_BYTES + length;
    const end = { segment: segment.number, offset: this.#offset };
    const { segment: soughtSegment, offset: soughtOffset } = this.#sought;
    const passed = segment.number === soughtSegment && end.offset <= soughtOffset;
    return { payload, end, beginsSegment: start === FILE_HEADER_BYTES, passed };
  }

  /** Bytes from the present offset; null where the segment ends before. */
  async #bytes(segment: TailSegment, length: number): Promise<Buffer | null> {
    const at = this.#offset - this.#bufferStart;
    if (this.#buffer.length > 0 && at >= 0 && at + length <= this.#buffer.length) {
      return this.#buffer.subarray(at, at + length);
    }
    const available = segment.endBytes - this.#offset;
    if (length > available) return null;
    const wanted = Buffer.allocUnsafe(Math.min(available, Math.max(length, LOG_READ_BYTES)));
    this.#file ??= await openSegment(this.#tail, segment.number);
    const { bytesRead } = await this.#file.read(wanted, 0, wanted.length, this.#offset);
    this.#buffer = wanted.subarray(0, bytesRead);
    this.#bufferStart = this.#offset;
    return bytesRead < length ? null : this.#buffer.subarray(0, length);
  }
}

/** A segment may move from the log to the queue at any time. */
async function openSegment(tail: LogTail, number: number): Promise<FileHandle> {
  const [log = '', queue = ''] = tail.candidates(number);
  for (const path of [log, queue, log]) {
    try {
      return await open(path);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  throw new PlimsollError('internal', `segment ${number} of the log is gone before it was forwarded`);
}
