import { PlimsollError } from '../../../errors.ts';
import type { MetricMetadata, SeriesRef } from '../../store.ts';
import { ByteWriter } from '../byte-writer.ts';
import { FRAME_HEAD_BYTES } from '../framing.ts';
import type { CommitRequest, WriterFailure } from '../writer/writer-protocol.ts';

/** A group is committed early at this size: small enough to write in a few milliseconds. */
const MAX_GROUP_BYTES = 1024 * 1024;
/** Groups follow each other while the disk is at work on earlier ones. */
const MAX_SPARE_BUFFERS = 3;
/** A new segment of the log is begun at this size: the log shrinks by whole segments. */
const SEGMENT_BYTES = 16 * 1024 * 1024;

/** Sequences of one agent within a group. */
export interface TakenRange {
  readonly agentId: string;
  readonly epoch: number;
  readonly first: number;
  last: number;
}

/** Appends on their way to the disk together. */
export interface CommitGroup {
  readonly number: number;
  readonly segment: number;
  readonly out: ByteWriter;
  readonly durable: Promise<void>;
  readonly taken: TakenRange[];
  /** What has to be written again with a later group if this one fails. */
  readonly series: SeriesRef[];
  readonly metadata: MetricMetadata[];
}

interface PendingGroup extends CommitGroup {
  /** Its size once it was handed over. */
  bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: PlimsollError) => void;
}

export interface GroupCommitOptions {
  readonly commitIntervalMs: number;
  readonly firstSegment: number;
  readonly post: (request: CommitRequest) => void;
  readonly onDurable: (group: CommitGroup) => void;
  readonly onFailed: (group: CommitGroup) => void;
}

/** Gathers appends into groups; one goes to the writer an interval after its first append, or earlier by size. */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #pending = new Map<number, PendingGroup>();
  readonly #spareBuffers: ArrayBuffer[] = [];
  #pendingBytes = 0;
  #open: PendingGroup | undefined;
  #nextNumber = 1;
  #segment: number;
  #segmentBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#segment = options.firstSegment;
  }

  /** Bytes handed to the writer that are not durable yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** The segment that the next group goes to. */
  get segment(): number {
    return this.#segment;
  }

  /** The segment of the oldest group that is not durable yet, or the present one. */
  get oldestPendingSegment(): number {
    for (const group of this.#pending.values()) return group.segment;
    return this.#open?.segment ?? this.#segment;
  }

  /** Later groups go to a new segment, unless the present one is empty. */
  endSegment(): void {
    if (this.#segmentBytes > 0) this.#rotate();
  }

  /** The group that takes appends now. */
  group(): CommitGroup {
    if (this.#open !== undefined) {
      if (this.#open.out.length < MAX_GROUP_BYTES) return this.#open;
      void this.commit();
    }
    return this.#begin();
  }

  /** Hands the open group to the writer now. Without one and with `probe`, an empty group goes. */
  commit(probe = false): Promise<void> {
    if (this.#open === undefined && probe) this.#begin();
    const group = this.#open;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (group === undefined) return this.settled();
    this.#open = undefined;
    const { buffer, length } = group.out.release();
    this.#segmentBytes += length;
    if (this.#segmentBytes >= SEGMENT_BYTES) this.#rotate();
    this.#pending.set(group.number, group);
    this.#pendingBytes += length;
    group.bytes = length;
    this.#options.post({ kind: 'commit', group: group.number, segment: group.segment, buffer, length });
    return group.durable;
  }

  /** Resolves when everything handed over so far is durable, rejects with the first failure. */
  async settled(): Promise<void> {
    await Promise.all([...this.#pending.values()].map((group) => group.durable));
  }

  /** Groups not yet durable that hold this sequence. */
  find(agentId: string, epoch: number, sequence: number): CommitGroup | undefined {
    const holds = (range: TakenRange): boolean =>
      range.agentId === agentId && range.epoch === epoch && range.first <= sequence && sequence <= range.last;
    if (this.#open?.taken.some(holds) === true) return this.#open;
    for (const group of this.#pending.values()) if (group.taken.some(holds)) return group;
    return undefined;
  }

  committed(number: number, buffer: ArrayBuffer): void {
    const group = this.#settle(number, buffer);
    if (group === undefined) return;
    this.#options.onDurable(group);
    group.resolve();
  }

  failed(number: number, buffer: ArrayBuffer, failure: WriterFailure): void {
    const group = this.#settle(number, buffer);
    if (group === undefined) return;
    if (group.segment === this.#segment) this.#rotate();
    this.#options.onFailed(group);
    group.reject(asError(failure));
  }

  /** Rejects everything under way, when the writer is gone; nothing more goes into a segment that it wrote to. */
  abandon(failure: WriterFailure): void {
    clearTimeout(this.#timer);
    this.#rotate();
    const groups = [...this.#pending.values(), ...(this.#open === undefined ? [] : [this.#open])];
    this.#pending.clear();
    this.#pendingBytes = 0;
    this.#open = undefined;
    for (const group of groups) {
      this.#options.onFailed(group);
      group.reject(asError(failure));
    }
  }

  #begin(): PendingGroup {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Whoever appended may not be waiting; the failure is logged and counted where it is handled.
    promise.catch(() => undefined);
    const out = new ByteWriter(this.#spareBuffers.pop());
    out.skip(FRAME_HEAD_BYTES);
    this.#open = {
      number: this.#nextNumber++,
      segment: this.#segment,
      out,
      durable: promise,
      resolve,
      reject,
      bytes: 0,
      taken: [],
      series: [],
      metadata: [],
    };
    this.#timer = setTimeout(() => void this.commit().catch(() => undefined), this.#options.commitIntervalMs);
    return this.#open;
  }

  #settle(number: number, buffer: ArrayBuffer): PendingGroup | undefined {
    if (this.#spareBuffers.length < MAX_SPARE_BUFFERS) this.#spareBuffers.push(buffer);
    const group = this.#pending.get(number);
    this.#pending.delete(number);
    this.#pendingBytes -= group?.bytes ?? 0;
    return group;
  }

  #rotate(): void {
    this.#segment++;
    this.#segmentBytes = 0;
  }
}

function asError(failure: WriterFailure): PlimsollError {
  return new PlimsollError(failure.code, `telemetry was not made durable: ${failure.message}`);
}
