import { join } from 'node:path';
import { PlimsollError } from '../../errors.ts';
import { NO_SERIES, type SeriesRef } from '../store.ts';
import type { ParsedFrameBlock, ParsedLooseBlock } from './chunk/block-codec.ts';
import { BLOCK_FILE_KIND, BLOCK_VERSION, parseBlock, readTimeline } from './chunk/block-codec.ts';
import { type BlockLocation, listBlockFiles, readBlockFile } from './chunk/block-files.ts';
import { decodeColumn } from './chunk/column-codec.ts';
import { type DamagedPart, isDamagedHeader, isDamagedTail } from './damaged-part.ts';
import { FILE_HEADER_BYTES, type HeaderProblem, checkFileHeader, intactFrames } from './framing.ts';
import type { Head } from './head/head.ts';
import { ReceivedRanges } from './received-ranges.ts';
import type { RecentBlocks } from './recent-blocks.ts';

/** What the sealed blocks say of themselves at the start. */
export interface RecoveredBlocks {
  /** Frames in blocks, by agent: the log's copies of them are passed over. */
  readonly sealed: ReadonlyMap<string, ReceivedRanges>;
  /** Times of samples without frames in blocks, by series. */
  readonly looseTimes: ReadonlyMap<SeriesRef, ReadonlySet<number>>;
  /** What of them cannot be read; the log may still have it. */
  readonly damaged: readonly DamagedPart[];
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** Registers the blocks that are on disk. `lastSegment` is the newest segment of the log, which may hold them too. */
export function recoverBlocks(
  directory: string,
  into: { readonly head: Head; readonly recent: RecentBlocks },
  lastSegment: number,
): RecoveredBlocks {
  const sealed = new Map<string, ReceivedRanges>();
  const looseTimes = new Map<SeriesRef, Set<number>>();
  const damaged: DamagedPart[] = [];
  let oldestMs = Infinity;
  let newestMs = -Infinity;
  for (const { name, windowStartMs } of listBlockFiles(directory)) {
    const bytes = readBlockFile(directory, name);
    const problem = checkFileHeader(bytes, BLOCK_FILE_KIND, BLOCK_VERSION);
    if (problem === 'short') continue;
    const path = join(directory, name);
    if (problem !== null && !isDamagedHeader(bytes, problem)) throw refusal(path, problem);
    if (problem !== null) damaged.push({ path, offset: 0, bytes: FILE_HEADER_BYTES });
    let end = FILE_HEADER_BYTES;
    for (const { payloadOffset, payload } of intactFrames(bytes)) {
      const block = parseBlock(payload);
      const place = {
        windowStartMs,
        lastSegment,
        location: { file: name, offset: payloadOffset, length: payload.length },
      };
      const [oldest, newest] =
        block.kind === 'frames'
          ? addFrames(block, place, into, sealed)
          : addLoose(block, place, into.recent, looseTimes);
      oldestMs = Math.min(oldestMs, oldest);
      newestMs = Math.max(newestMs, newest);
      end = payloadOffset + payload.length;
    }
    if (isDamagedTail(bytes, end)) damaged.push({ path, offset: end, bytes: bytes.length - end });
  }
  return { sealed, looseTimes, damaged, oldestMs, newestMs };
}

interface Place {
  readonly windowStartMs: number;
  readonly lastSegment: number;
  readonly location: BlockLocation;
}

type Span = readonly [oldestMs: number, newestMs: number];

function addFrames(
  block: ParsedFrameBlock,
  place: Place,
  { head, recent }: { readonly head: Head; readonly recent: RecentBlocks },
  sealed: Map<string, ReceivedRanges>,
): Span {
  const { timestamps, epochs, sequences } = readTimeline(block.timelineBytes);
  const set = head.frameSet(block.agentId, block.refs);
  const frames = { id: recent.nextId(), set, timestamps, ...place };
  set.encoded.push(frames);
  recent.addFrames(frames);
  let ranges = sealed.get(block.agentId);
  if (ranges === undefined) sealed.set(block.agentId, (ranges = new ReceivedRanges()));
  epochs.forEach((epoch, row) => ranges.add(epoch, sequences[row] ?? 0, sequences[row] ?? 0));
  return [timestamps[0] ?? Infinity, timestamps.at(-1) ?? -Infinity];
}

function addLoose(
  block: ParsedLooseBlock,
  place: Place,
  recent: RecentBlocks,
  looseTimes: Map<SeriesRef, Set<number>>,
): Span {
  let oldestMs = Infinity;
  let newestMs = -Infinity;
  block.counts.forEach((count, i) => {
    const timestamps = new Float64Array(count);
    decodeColumn(block.source, block.ends[i * 3] ?? 0, block.ends[i * 3 + 1] ?? 0, count, timestamps, 0);
    oldestMs = Math.min(oldestMs, timestamps[0] ?? Infinity);
    newestMs = Math.max(newestMs, timestamps[count - 1] ?? -Infinity);
    const ref = block.refs[i] ?? NO_SERIES;
    looseTimes.set(ref, (looseTimes.get(ref) ?? new Set()).union(new Set(timestamps)));
  });
  const { refs } = block;
  const segments = { firstSegment: place.lastSegment, lastSegment: place.lastSegment };
  recent.addLoose({ id: recent.nextId(), refs, oldestMs, newestMs, raw: null, ...place, ...segments });
  return [oldestMs, newestMs];
}

function refusal(path: string, problem: HeaderProblem): PlimsollError {
  return new PlimsollError(
    'configuration',
    problem === 'newer'
      ? `${path} was written by a newer version of plimsoll: start that version, or restore a backup`
      : `${path} is not a file of telemetry blocks: restore the directory from a backup`,
    { details: { path } },
  );
}
