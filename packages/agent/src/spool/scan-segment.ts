import { readFileSync } from 'node:fs';
import { StartError } from '../start-error.ts';
import {
  decodeFramePayload,
  HEADER_BYTES,
  readHeaderVersion,
  readRecord,
  RecordKind,
  SEGMENT_VERSION,
} from './record.ts';
import { Segment } from './segment.ts';

/** The file ends before its header does: it was begun and never used. */
export const UNUSED = 'unused';

export interface ScannedSegment {
  readonly segment: Segment;
  /** Bytes at the end that are no whole record: what was being written when the process or the machine died. */
  readonly tornBytes: number;
}

/**
 * Reads a segment left by an earlier process up to its last whole record; undefined when it is no segment.
 *
 * @throws StartError('configuration') when a newer version wrote it.
 */
export function scanSegment(path: string, epoch: number): ScannedSegment | typeof UNUSED | undefined {
  const bytes = readFileSync(path);
  if (bytes.length < HEADER_BYTES) return UNUSED;
  const version = readHeaderVersion(bytes);
  if (version === undefined) return undefined;
  if (version > SEGMENT_VERSION) {
    throw new StartError(
      'configuration',
      `${path} was written by a newer agent (format ${version}): run that one, or remove the file and lose its frames`,
    );
  }
  const segment = new Segment(path, epoch, HEADER_BYTES);
  let record = readRecord(bytes, segment.size);
  while (record !== undefined) {
    if (record.kind === RecordKind.dictionary) segment.noteDictionary(record.offset);
    else if (record.kind === RecordKind.frame) {
      segment.noteFrame(record.offset, decodeFramePayload(record.payload, epoch).sequence);
    }
    segment.size = record.end;
    record = readRecord(bytes, record.end);
  }
  return { segment, tornBytes: bytes.length - segment.size };
}
