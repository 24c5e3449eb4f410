import { closeSync, constants, ftruncateSync, openSync, readSync, unlinkSync, writevSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { type Dictionary, DictionarySchema } from '@plimsoll/proto';
import { DictionaryState } from '../frame/dictionary-state.ts';
import type { KeptFrame } from '../uplink/frame-source.ts';
import {
  decodeFramePayload,
  encodeHeader,
  encodeRecord,
  HEADER_BYTES,
  readRecord,
  RecordKind,
} from './record.ts';

/** Where a frame is on its way: it waits, is in flight, or is settled. */
const WAITING = 0;
const IN_FLIGHT = 1;
const SETTLED = 2;

/** One file of the spool: frames of one epoch with the dictionaries they need. */
export class Segment {
  readonly path: string;
  readonly epoch: number;
  /** Bytes of whole records, header included. */
  size: number;
  /** Frames not settled. */
  remaining = 0;
  readonly #sequences: number[] = [];
  readonly #offsets: number[] = [];
  readonly #states: number[] = [];
  readonly #dictionaryOffsets: number[] = [];
  /** Frames before this index are not waiting. */
  #cursor = 0;
  #descriptor: number | undefined;
  #cached: Dictionary | undefined;

  constructor(path: string, epoch: number, size: number) {
    this.path = path;
    this.epoch = epoch;
    this.size = size;
  }

  /** Makes an empty segment on disk. @throws the system's error. */
  static create(path: string, epoch: number): Segment {
    const segment = new Segment(path, epoch, 0);
    segment.#descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      segment.#write([encodeHeader()]);
    } catch (error) {
      // A full disk has room for the name, not for the header: names alone would fill it for good.
      segment.remove();
      throw error;
    }
    return segment;
  }

  /** Notes a record found on disk or just written. */
  noteDictionary(offset: number): void {
    this.#dictionaryOffsets.push(offset);
  }

  noteFrame(offset: number, sequence: number): void {
    this.#sequences.push(sequence);
    this.#offsets.push(offset);
    this.#states.push(WAITING);
    this.remaining++;
  }

  /** Appends all or nothing. @throws the system's error, the file then being as before. */
  append(dictionary: Uint8Array | undefined, frame: Uint8Array, sequence: number): void {
    const records = dictionary === undefined ? [] : [encodeRecord(RecordKind.dictionary, dictionary)];
    const dictionaryOffset = this.size;
    const frameOffset = dictionaryOffset + (records[0]?.length ?? 0);
    records.push(encodeRecord(RecordKind.frame, frame));
    this.#write(records);
    if (dictionary !== undefined) this.noteDictionary(dictionaryOffset);
    this.noteFrame(frameOffset, sequence);
  }

  /** Moves up to `limit` waiting frames in flight and reads them; `damaged` is told of each that cannot be read. */
  take(limit: number, damaged: (sequence: number) => void): KeptFrame[] {
    const frames: KeptFrame[] = [];
    for (; this.#cursor < this.#states.length && frames.length < limit; this.#cursor++) {
      if (this.#states[this.#cursor] !== WAITING) continue;
      const frame = this.#readFrame(this.#cursor);
      this.#states[this.#cursor] = frame === undefined ? SETTLED : IN_FLIGHT;
      if (frame !== undefined) {
        frames.push(frame);
        continue;
      }
      this.remaining--;
      damaged(this.#sequences[this.#cursor] ?? 0);
    }
    return frames;
  }

  claim(sequence: number): void {
    const index = this.#sequences.lastIndexOf(sequence);
    if (index >= 0 && this.#states[index] === WAITING) this.#states[index] = IN_FLIGHT;
  }

  settle(first: number, last: number): void {
    for (let index = this.#states.length - 1; index >= 0; index--) {
      const sequence = this.#sequences[index] ?? 0;
      if (sequence < first) break;
      if (sequence > last || this.#states[index] === SETTLED) continue;
      this.#states[index] = SETTLED;
      this.remaining--;
    }
  }

  rewind(): void {
    this.#cursor = 0;
    for (const [index, state] of this.#states.entries())
      if (state === IN_FLIGHT) this.#states[index] = WAITING;
  }

  /**
   * Takes all frames off the file, keeping its dictionary for those to come; false when a dictionary stands between
   * frames, so that the file can only be removed whole.
   */
  clear(): boolean {
    const firstFrame = this.#offsets[0];
    if (firstFrame === undefined) return true;
    if ((this.#dictionaryOffsets.at(-1) ?? 0) > firstFrame) return false;
    ftruncateSync(this.#open(), firstFrame);
    this.size = firstFrame;
    this.remaining = 0;
    this.#cursor = 0;
    this.#sequences.length = this.#offsets.length = this.#states.length = 0;
    return true;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#cached = undefined;
  }

  remove(): void {
    this.close();
    unlinkSync(this.path);
  }

  #open(): number {
    return (this.#descriptor ??= openSync(this.path, constants.O_RDWR));
  }

  #write(pieces: readonly Buffer[]): void {
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const descriptor = this.#open();
    let written = 0;
    try {
      written = writevSync(descriptor, pieces, this.size);
    } finally {
      // A full disk takes part of a record: what is there of it must not be followed by a whole one.
      if (written !== bytes) ftruncateSync(descriptor, this.size);
    }
    if (written !== bytes) throw new Error(`${this.path}: the disk took ${written} of ${bytes} bytes`);
    this.size += bytes;
  }

  #readFrame(index: number): KeptFrame | undefined {
    const payload = this.#readPayload(this.#offsets[index] ?? 0);
    if (payload === undefined) return undefined;
    const frame = decodeFramePayload(payload, this.epoch);
    return { ...frame, dictionary: () => this.#dictionary(frame.dictionaryVersion) };
  }

  /** The dictionary of a version, complete, put together from the segment's records. */
  #dictionary(version: number): Dictionary {
    if (this.#cached?.version === version) return this.#cached;
    const state = new DictionaryState(this.epoch);
    for (const offset of this.#dictionaryOffsets) {
      const payload = this.#readPayload(offset);
      if (payload === undefined) break;
      const dictionary = fromBinary(DictionarySchema, payload);
      if (dictionary.version > version) break;
      state.apply(dictionary);
    }
    return (this.#cached = state.complete());
  }

  #readPayload(offset: number): Uint8Array | undefined {
    const end = this.#endOf(offset);
    const bytes = Buffer.allocUnsafe(end - offset);
    const got = readSync(this.#open(), bytes, 0, bytes.length, offset);
    return got === bytes.length ? readRecord(bytes, 0)?.payload : undefined;
  }

  /** Where the record at `offset` ends: at the next one of either kind, or at the end of the file. */
  #endOf(offset: number): number {
    const next = (offsets: readonly number[]): number =>
      offsets.find((candidate) => candidate > offset) ?? this.size;
    return Math.max(HEADER_BYTES, Math.min(next(this.#offsets), next(this.#dictionaryOffsets)));
  }
}
