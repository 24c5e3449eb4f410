import { readFileSync } from 'node:fs';
import { PlimsollError } from '../../../errors.ts';
import { type DamagedPart, isDamagedHeader, isDamagedTail } from '../damaged-part.ts';
import { FILE_HEADER_BYTES, checkFileHeader, intactFrames } from '../framing.ts';
import { LOG_FILE_KIND, LOG_VERSION, type LogVisitor, readLogRecords } from './log-records.ts';
import { logSegmentNumbers, logSegmentPath } from './log-segments.ts';

export interface ReplayedLog {
  /** The newest segment found, 0 for none. */
  readonly newestSegment: number;
  readonly groups: number;
  /** Bytes behind the last intact group of each segment: groups that were being written when the process died. */
  readonly tornBytes: number;
  /** What was acknowledged and cannot be read back. */
  readonly damaged: readonly DamagedPart[];
  readonly sizeBytes: number;
}

/** Reads all segments in order. `begin` is told each segment's number before its records. */
export function replayLog(
  directory: string,
  begin: (segment: number) => void,
  visitor: LogVisitor,
): ReplayedLog {
  let newestSegment = 0;
  let groups = 0;
  let tornBytes = 0;
  let sizeBytes = 0;
  const damaged: DamagedPart[] = [];
  for (const number of logSegmentNumbers(directory)) {
    newestSegment = number;
    const path = logSegmentPath(directory, number);
    const bytes = readFileSync(path);
    sizeBytes += bytes.length;
    const problem = checkFileHeader(bytes, LOG_FILE_KIND, LOG_VERSION);
    if (problem === 'short') {
      tornBytes += bytes.length;
      continue;
    }
    if (problem !== null && !isDamagedHeader(bytes, problem)) throw refusal(path, problem);
    if (problem !== null) damaged.push({ path, offset: 0, bytes: FILE_HEADER_BYTES });
    begin(number);
    let end = FILE_HEADER_BYTES;
    for (const { payloadOffset, payload } of intactFrames(bytes)) {
      readLogRecords(payload, visitor);
      groups++;
      end = payloadOffset + payload.length;
    }
    if (isDamagedTail(bytes, end)) damaged.push({ path, offset: end, bytes: bytes.length - end });
    else tornBytes += bytes.length - end;
  }
  return { newestSegment, groups, tornBytes, damaged, sizeBytes };
}

function refusal(path: string, problem: 'foreign' | 'newer'): PlimsollError {
  return new PlimsollError(
    'configuration',
    problem === 'newer'
      ? `${path} was written by a newer version of plimsoll: start that version, or restore a backup`
      : `${path} is not a log segment of plimsoll: is the storage path right?`,
    { details: { path } },
  );
}
