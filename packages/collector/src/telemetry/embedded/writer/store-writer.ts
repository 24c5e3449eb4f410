import { statfsSync } from 'node:fs';
import { ByteWriter } from '../byte-writer.ts';
import { encodeFrameBlock, encodeLooseBlock } from '../chunk/block-codec.ts';
import { type BlockLocation, BlockFiles } from '../chunk/block-files.ts';
import { DayWriter } from '../chunk/day-writer.ts';
import type { SeriesDeletion } from '../deletion/deletions.ts';
import type { FileLayer } from '../files.ts';
import { FRAME_HEAD_BYTES, sealFrame } from '../framing.ts';
import { dayStart } from '../head/windows.ts';
import { IndexFile } from '../index/index-file.ts';
import { LogSegments } from '../log/log-segments.ts';
import { RollupWriter } from '../rollup/rollup-writer.ts';
import { type StorePaths, storePaths } from '../store-paths.ts';
import { cutFiles } from './cut-files.ts';
import { cutBlocks } from './cut-blocks.ts';
import {
  type CommitRequest,
  type TaskRequest,
  type WriterReply,
  type WriterRequest,
  type WriterTask,
  writerFailure,
} from './writer-protocol.ts';

export interface WriterOptions {
  readonly path: string;
  /** Commits are refused while the file system has less than this to spare. */
  readonly freeSpaceReserveBytes: number;
}

type SealTask = WriterTask & { kind: 'seal-frames' | 'seal-loose' };

export type Reply = (reply: WriterReply, transfer: ArrayBuffer[]) => void;

/** What failed, for people. */
const WORK: Readonly<Record<WriterTask['kind'], string>> = {
  'take-over': 'taking over from a writer that stopped',
  'seal-frames': 'sealing a block',
  'seal-loose': 'sealing a block',
  index: 'writing the index',
  'drop-log': 'dropping what the log no longer needs',
  merge: 'merging blocks into the file of their day',
  'note-deleted': 'noting a deletion',
  purge: 'taking deleted samples out of the file of their day',
  'remove-blocks': 'removing files of blocks',
  'remove-days': 'removing days',
  'roll-up': 'rolling up a day',
  'keep-rollups': 'keeping the rollups of a day',
  'remove-rollups': 'removing rollups',
  close: 'closing the store',
};

/** Sealed blocks share an fdatasync up to this many. */
const MAX_UNSYNCED_BLOCKS = 32;

/** Values that wait to be encoded, in memory that the head shares. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024;

interface SealedBlock {
  readonly id: number;
  readonly location: BlockLocation;
}

/**
 * Everything that writes: owns the log, the files of blocks, the days and the index. Runs on a thread of its own, or in
 * place under test. Tasks run in steps of some milliseconds, one in a turn of the event loop, so that a commit never
 * waits for more than one of them.
 */
export class StoreWriter {
  readonly #options: WriterOptions;
  readonly #files: FileLayer;
  readonly #reply: Reply;
  readonly #paths: StorePaths;
  readonly #log: LogSegments;
  readonly #blocks: BlockFiles;
  readonly #days: DayWriter;
  readonly #rollups: RollupWriter;
  readonly #index: IndexFile;
  readonly #tasks: TaskRequest[] = [];
  readonly #encoded = new ByteWriter();
  readonly #hints = new Map<number, Uint8Array>();
  #unsynced: SealedBlock[] = [];
  #queuedBytes = 0;
  #running: Generator<void, void> | undefined;
  #scheduled = false;

  constructor(options: WriterOptions, files: FileLayer, reply: Reply) {
    this.#options = options;
    this.#files = files;
    this.#reply = reply;
    this.#paths = storePaths(options.path);
    this.#log = new LogSegments(this.#paths.log, files);
    this.#blocks = new BlockFiles(this.#paths.blocks, files);
    this.#days = new DayWriter(this.#paths.days, this.#paths.blocks, files);
    this.#rollups = new RollupWriter(this.#paths, files);
    this.#index = new IndexFile(this.#paths.root, files);
  }

  handle(request: WriterRequest): void {
    if (request.kind === 'commit') {
      // Acknowledgements wait for the encoder when it falls behind, which slows the senders down.
      while (this.#queuedBytes > MAX_QUEUED_BYTES) this.#step();
      this.#commit(request);
      return;
    }
    if (request.kind === 'cut') {
      this.#reply({ kind: 'done', id: request.id, result: { cut: cutFiles(this.#paths) } }, []);
      return;
    }
    this.#tasks.push(request);
    this.#queuedBytes += sealedBytes(request.task);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#step();
      if (this.#running !== undefined || this.#tasks.length > 0) this.#schedule();
    });
  }

  #step(): void {
    if (this.#running !== undefined) {
      if (this.#running.next().done === true) this.#running = undefined;
      return;
    }
    const request = this.#tasks.shift();
    if (request === undefined) return;
    this.#queuedBytes -= sealedBytes(request.task);
    this.#running = this.#run(request);
    const sealsFollow = this.#tasks[0]?.task.kind.startsWith('seal') === true;
    if (this.#running.next().done === true) this.#running = undefined;
    if (!sealsFollow || this.#unsynced.length >= MAX_UNSYNCED_BLOCKS) this.#syncBlocks();
  }

  /** Runs one task; each yield lets commits go first. */
  *#run({ id, task }: TaskRequest): Generator<void, void> {
    try {
      if (task.kind === 'seal-frames' || task.kind === 'seal-loose') {
        this.#seal(id, task);
        return;
      }
      const rolledUp = yield* this.#perform(task);
      this.#reply({ kind: 'done', id, result: { logBytes: this.#log.sizeBytes, rolledUp } }, []);
    } catch (error) {
      const failure = writerFailure(error, `${WORK[task.kind]} in ${this.#options.path}`);
      this.#reply({ kind: 'task-failed', id, failure }, []);
    }
  }

  /** Answers whether nothing is left to roll up of the day that was asked for. */
  *#perform(task: Exclude<WriterTask, SealTask>): Generator<void, boolean> {
    switch (task.kind) {
      case 'take-over':
        cutBlocks(this.#paths.blocks, this.#files, task.blockEnds);
        break;
      case 'roll-up':
        return yield* this.#rollups.rollUp(task.dayStartMs);
      case 'merge':
        yield* this.#merge(task.windowStartMs, task.agents);
        break;
      case 'index':
        this.#index.apply(task.changes);
        break;
      case 'drop-log':
        this.#log.dropBefore(task.beforeSegment, task.keepFrom, this.#paths.queue);
        break;
      case 'note-deleted':
        this.#index.noteDeleted(task.changed);
        break;
      case 'purge':
        this.#purge(task.windowStartMs, task.deletions);
        break;
      case 'remove-blocks':
        this.#days.forgetBlocks(task.files);
        this.#blocks.remove(task.files);
        break;
      case 'remove-days':
        for (const day of task.days) this.#days.removeDay(day);
        break;
      case 'keep-rollups':
        this.#rollups.makeFinal(task.days);
        break;
      case 'remove-rollups':
        this.#rollups.remove(task.files);
        break;
      case 'close':
        this.#close();
        break;
    }
    return false;
  }

  #purge(windowStartMs: number, deletions: readonly SeriesDeletion[]): void {
    this.#rollups.outdate(
      dayStart(windowStartMs),
      deletions.map(([ref]) => ref),
    );
    this.#days.purge(windowStartMs, deletions);
  }

  #commit({ group, segment, buffer, length }: CommitRequest): void {
    try {
      this.#checkFreeSpace();
      const frame = new Uint8Array(buffer, 0, length);
      sealFrame(frame);
      const startMs = performance.now();
      const endBytes = this.#log.append(segment, frame);
      const syncSeconds = (performance.now() - startMs) / 1000;
      const durable = { group, buffer, syncSeconds, segment, endBytes };
      this.#reply({ kind: 'committed', ...durable, logBytes: this.#log.sizeBytes }, [buffer]);
    } catch (error) {
      this.#reply({ kind: 'commit-failed', group, buffer, failure: writerFailure(error) }, [buffer]);
    }
  }

  /** Encodes and appends a block; it is reported when its file was synced. */
  #seal(id: number, task: SealTask): void {
    const out = this.#encoded;
    out.reset();
    out.skip(FRAME_HEAD_BYTES);
    if (task.kind === 'seal-loose') encodeLooseBlock(out, task.block);
    else encodeFrameBlock(out, task.block, this.#hintsOf(task.setId, task.block.refs.length));
    try {
      const location = this.#blocks.append(task.windowStartMs, out.written());
      this.#unsynced.push({ id, location });
    } catch (error) {
      this.#loseUnsynced(error);
      throw error;
    }
  }

  #syncBlocks(): void {
    if (this.#unsynced.length === 0) return;
    try {
      this.#blocks.sync();
    } catch (error) {
      this.#loseUnsynced(error);
      return;
    }
    for (const { id, location } of this.#unsynced.splice(0)) {
      this.#reply({ kind: 'done', id, result: { location } }, []);
    }
  }

  #loseUnsynced(error: unknown): void {
    const failure = writerFailure(error);
    for (const { id } of this.#unsynced.splice(0)) this.#reply({ kind: 'task-failed', id, failure }, []);
    this.#blocks.finishAll();
  }

  *#merge(windowStartMs: number, agents: readonly (readonly BlockLocation[])[]): Generator<void, void> {
    this.#syncBlocks();
    this.#blocks.finish(windowStartMs);
    for (const locations of agents) {
      this.#days.merge(windowStartMs, locations);
      yield;
    }
    this.#days.settle(windowStartMs);
  }

  #hintsOf(setId: number, slots: number): Uint8Array {
    let hints = this.#hints.get(setId);
    if (hints === undefined) this.#hints.set(setId, (hints = new Uint8Array(slots)));
    return hints;
  }

  #close(): void {
    this.#syncBlocks();
    this.#blocks.finishAll();
    this.#log.close();
    this.#days.close();
    this.#rollups.close();
    this.#index[Symbol.dispose]();
  }

  #checkFreeSpace(): void {
    const { freeSpaceReserveBytes, path } = this.#options;
    if (freeSpaceReserveBytes === 0) return;
    const { bavail, bsize } = statfsSync(path);
    if (bavail * bsize >= freeSpaceReserveBytes) return;
    const message = `${path} has ${bavail * bsize} bytes free, less than the reserve of ${freeSpaceReserveBytes}`;
    throw Object.assign(new Error(message), { code: 'ENOSPC' });
  }
}

function sealedBytes(task: WriterTask): number {
  return task.kind === 'seal-frames' ? task.block.values.byteLength : 0;
}
