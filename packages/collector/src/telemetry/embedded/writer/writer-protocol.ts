import type { RawFrameBlock, RawLooseBlock } from '../chunk/block-codec.ts';
import type { BlockLocation } from '../chunk/block-files.ts';
import type { SeriesDeletion } from '../deletion/deletions.ts';
import type { IndexChanges } from '../index/index-file.ts';

/** What the store asks of its writer. Commits and cuts are served at once; tasks wait in a queue behind them. */
export type WriterRequest = CommitRequest | CutRequest | TaskRequest;

/** Asks for the files of log and blocks as they are after the commits before this request, and before those after it. */
export interface CutRequest {
  readonly kind: 'cut';
  readonly id: number;
}

/** A file that only grows, and how much of it belongs to a cut. */
export interface CutFile {
  /** Below the store's directory, with forward slashes. */
  readonly path: string;
  readonly sizeBytes: number;
}

export interface CommitRequest {
  readonly kind: 'commit';
  readonly group: number;
  /** Segment of the log this group belongs to; never smaller than in an earlier request. */
  readonly segment: number;
  /** Room for a frame head and then the group's records; handed over, and handed back with the reply. */
  readonly buffer: ArrayBuffer;
  readonly length: number;
}

export interface TaskRequest {
  readonly kind: 'task';
  readonly id: number;
  readonly task: WriterTask;
}

export type WriterTask =
  /** The first task of a writer after one that died: takes away the blocks that nobody was told of. */
  | { readonly kind: 'take-over'; readonly blockEnds: BlockEnds }
  | {
      /** Encodes a closed block of frames and makes it durable. */
      readonly kind: 'seal-frames';
      readonly windowStartMs: number;
      /** Stands for the refs: what fitted the columns of the set's last block is tried first. */
      readonly setId: number;
      readonly block: RawFrameBlock;
    }
  | { readonly kind: 'seal-loose'; readonly windowStartMs: number; readonly block: RawLooseBlock }
  /** Makes durable what the log alone has had of series, metadata and sequences. */
  | { readonly kind: 'index'; readonly changes: IndexChanges }
  /** Drops the log before a segment, once the index and blocks have what it holds; from `keepFrom` on it is put aside. */
  | { readonly kind: 'drop-log'; readonly beforeSegment: number; readonly keepFrom: number }
  /** Rearranges blocks of one window by series in the day's file. */
  | { readonly kind: 'merge'; readonly windowStartMs: number; readonly agents: readonly BlockLocation[][] }
  /** Makes durable from which spans samples of series were deleted. */
  | { readonly kind: 'note-deleted'; readonly changed: readonly SeriesDeletion[] }
  /** Takes deleted samples out of a window's chunks. */
  | { readonly kind: 'purge'; readonly windowStartMs: number; readonly deletions: readonly SeriesDeletion[] }
  | { readonly kind: 'remove-blocks'; readonly files: readonly string[] }
  | { readonly kind: 'remove-days'; readonly days: readonly number[] }
  /** Goes on with the rollups of a day for a while. */
  | { readonly kind: 'roll-up'; readonly dayStartMs: number }
  /** Has the rollups of days stand for their samples, which are about to be dropped. */
  | { readonly kind: 'keep-rollups'; readonly days: readonly number[] }
  | { readonly kind: 'remove-rollups'; readonly files: readonly string[] }
  | { readonly kind: 'close' };

/** Up to where each file of blocks holds any that the store was told of; of every other file it knows of none. */
export type BlockEnds = ReadonlyMap<string, number>;

export type WriterReply =
  | {
      readonly kind: 'committed';
      readonly group: number;
      readonly buffer: ArrayBuffer;
      readonly syncSeconds: number;
      /** Where the group went, and where it ends there. */
      readonly segment: number;
      readonly endBytes: number;
      readonly logBytes: number;
    }
  | {
      readonly kind: 'commit-failed';
      readonly group: number;
      readonly buffer: ArrayBuffer;
      readonly failure: WriterFailure;
    }
  | { readonly kind: 'done'; readonly id: number; readonly result: TaskResult }
  | { readonly kind: 'task-failed'; readonly id: number; readonly failure: WriterFailure };

/** What a task made; a seal says where its block is. */
export interface TaskResult {
  readonly location?: BlockLocation;
  readonly logBytes?: number;
  /** Nothing is left to do for the day. */
  readonly rolledUp?: boolean;
  readonly cut?: readonly CutFile[];
}

/** An error on its way between threads. */
export interface WriterFailure {
  readonly code: 'out_of_space' | 'unavailable';
  readonly message: string;
}

const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);

/** `work` says what was being done, where the error itself may not. */
export function writerFailure(error: unknown, work?: string): WriterFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  const full = NO_SPACE.has(code) || message.includes('database or disk is full');
  return {
    code: full ? 'out_of_space' : 'unavailable',
    message: work === undefined ? message : `${work}: ${message}`,
  };
}
