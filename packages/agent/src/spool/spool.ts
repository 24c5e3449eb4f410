import { mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { DictionarySchema } from '@plimsoll/proto';
import type { NewFrame } from '../frame/framer.ts';
import { LAZY_CLEAR_BYTES, MAX_SEGMENT_BYTES, SEGMENTS_IN_SPOOL } from '../limits.ts';
import { type Log, LogLimit } from '../log.ts';
import type { FrameSource, KeptFrame } from '../uplink/frame-source.ts';
import { encodeFramePayload, HEADER_BYTES } from './record.ts';
import { scanSegment, UNUSED } from './scan-segment.ts';
import { Segment } from './segment.ts';

const SEGMENT_NAME = /^(\d{16})-(\d{12})\.seg$/;

export interface SpoolStats {
  readonly bytes: number;
  /** Frames not settled. */
  readonly frames: number;
  /** Since the start: frames dropped for the limit, frames not written for a full disk, frames damaged on disk. */
  readonly dropped: number;
  readonly unwritten: number;
  readonly damaged: number;
}

/**
 * Frames on disk from collection to acknowledgement, in segment files that can each be read alone.
 *
 * Nothing here waits for the disk. A frame is with the kernel before it is sent, so a killed agent loses nothing; a
 * machine that loses power may lose the frames of its last seconds that were not acknowledged yet (the kernel writes
 * back within about 30 s), which are the frames it can hardly have sent. Waiting for each frame to be on the disk
 * would wake it up at every collection of every host, to save those.
 */
export class Spool implements FrameSource, Disposable {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #log: Log;
  readonly #limit: LogLimit;
  #segments: Segment[] = [];
  #current: Segment | undefined;
  #dropped = 0;
  #unwritten = 0;
  #damaged = 0;

  private constructor(directory: string, maxBytes: number, log: Log, now: () => number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#segmentBytes = Math.min(MAX_SEGMENT_BYTES, Math.floor(maxBytes / SEGMENTS_IN_SPOOL));
    this.#log = log;
    this.#limit = new LogLimit(now);
  }

  /** Opens the spool with the frames earlier processes left. @throws StartError for a segment of a newer version. */
  static open(directory: string, maxBytes: number, log: Log, now: () => number): Spool {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const spool = new Spool(directory, maxBytes, log, now);
    spool.#recover();
    return spool;
  }

  get stats(): SpoolStats {
    let frames = 0;
    for (const segment of this.#segments) frames += segment.remaining;
    return {
      bytes: this.#bytes(),
      frames,
      dropped: this.#dropped,
      unwritten: this.#unwritten,
      damaged: this.#damaged,
    };
  }

  /** Writes a frame; false, counted and logged, when the disk does not take it: it can still be sent. */
  append(frame: NewFrame): boolean {
    const payload = encodeFramePayload(frame);
    try {
      this.#makeRoom(payload.length);
      const fresh = this.#current === undefined;
      const segment = (this.#current ??= this.#begin(frame));
      const dictionary = fresh ? frame.dictionary() : frame.amendment;
      const definition = dictionary === undefined ? undefined : toBinary(DictionarySchema, dictionary);
      segment.append(definition, payload, frame.sequence);
      return true;
    } catch (error) {
      this.#failed(frame, error);
      return false;
    }
  }

  take(limit: number): readonly KeptFrame[] {
    const frames: KeptFrame[] = [];
    for (const segment of this.#segments) {
      if (frames.length >= limit) break;
      const before = frames.length;
      frames.push(...segment.take(limit - frames.length, (sequence) => this.#noteDamage(segment, sequence)));
      // Only the segment being read keeps its descriptor: a long outage leaves hundreds of them.
      if (frames.length === before && segment !== this.#current) segment.close();
    }
    return frames;
  }

  claim(epoch: number, sequence: number): void {
    if (this.#current?.epoch === epoch) this.#current.claim(sequence);
  }

  settle(epoch: number, first: number, last: number): void {
    for (const segment of this.#segments) if (segment.epoch === epoch) segment.settle(first, last);
    for (const segment of this.#segments.filter((candidate) => candidate.remaining === 0))
      this.#finish(segment);
  }

  rewind(): void {
    for (const segment of this.#segments) segment.rewind();
  }

  /** Removes every frame: they belong to another machine. */
  discard(): number {
    const { frames } = this.stats;
    for (const segment of this.#segments) segment.remove();
    this.#segments = [];
    this.#current = undefined;
    return frames;
  }

  [Symbol.dispose](): void {
    for (const segment of this.#segments) {
      if (segment.remaining === 0) segment.remove();
      else segment.close();
    }
  }

  #bytes(): number {
    let bytes = 0;
    for (const segment of this.#segments) bytes += segment.size;
    return bytes;
  }

  #begin(frame: NewFrame): Segment {
    const name = `${String(frame.epoch).padStart(16, '0')}-${String(frame.sequence).padStart(12, '0')}.seg`;
    const segment = Segment.create(path.join(this.#directory, name), frame.epoch);
    this.#segments.push(segment);
    return segment;
  }

  /** Closes a full segment and drops the oldest ones until `bytes` more fit. */
  #makeRoom(bytes: number): void {
    if (this.#current !== undefined && this.#current.size + bytes > this.#segmentBytes) {
      this.#current.close();
      this.#current = undefined;
    }
    while (this.#segments.length > 0 && this.#bytes() + bytes > this.#maxBytes) {
      const [oldest] = this.#segments;
      if (oldest === undefined) return;
      this.#dropped += oldest.remaining;
      this.#forget(oldest);
      const passed = this.#limit.pass('full');
      if (passed !== undefined) {
        this.#log.error(
          { maxBytes: this.#maxBytes, dropped: this.#dropped, ...passed },
          'the spool is full: its oldest frames were dropped',
        );
      }
    }
  }

  #finish(segment: Segment): void {
    // Cutting the file at each acknowledgement would cost more than the frame: it can wait, since what is settled is
    // not sent again, or is known to the collector if this process is killed first.
    if (segment === this.#current && (segment.size < LAZY_CLEAR_BYTES || segment.clear())) return;
    this.#forget(segment);
  }

  #forget(segment: Segment): void {
    this.#segments = this.#segments.filter((other) => other !== segment);
    if (segment === this.#current) this.#current = undefined;
    segment.remove();
  }

  #failed(frame: NewFrame, error: unknown): void {
    this.#unwritten++;
    const segment = this.#current;
    if (segment?.size === HEADER_BYTES) this.#forget(segment);
    // The change of the dictionary is lost with the frame: the next one begins a segment with all of it.
    else if (frame.amendment !== undefined) this.#current = undefined;
    const passed = this.#limit.pass('unwritten');
    if (passed === undefined) return;
    this.#log.error(
      { sequence: frame.sequence, err: error, ...passed },
      'a frame could not be written to the spool: it is sent, but would not survive a lost stream',
    );
  }

  #noteDamage(segment: Segment, sequence: number): void {
    this.#damaged++;
    const passed = this.#limit.pass('damaged');
    if (passed !== undefined) {
      this.#log.error(
        { file: segment.path, sequence, ...passed },
        'a frame in the spool is damaged and was left out',
      );
    }
  }

  #recover(): void {
    for (const name of readdirSync(this.#directory).sort()) {
      const [, epoch] = SEGMENT_NAME.exec(name) ?? [];
      if (epoch === undefined) continue;
      const file = path.join(this.#directory, name);
      const scanned = scanSegment(file, Number(epoch));
      if (scanned === UNUSED) {
        unlinkSync(file);
        continue;
      }
      if (scanned === undefined) {
        this.#log.error({ file }, 'a file in the spool has no readable header and was left alone');
        continue;
      }
      const { segment, tornBytes } = scanned;
      if (tornBytes > 0)
        this.#log.warn({ file, tornBytes }, 'a segment ends in the middle of a record: cut there');
      if (segment.remaining === 0) segment.remove();
      else this.#segments.push(segment);
    }
    const { frames, bytes } = this.stats;
    if (frames > 0) this.#log.info({ frames, bytes }, 'the spool has frames that were not acknowledged');
  }
}
