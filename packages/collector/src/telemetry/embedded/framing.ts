import { crc32 } from 'node:zlib';

/**
 * How the log and the block files delimit what they hold. A file is a 16-byte header and then frames; a frame is an
 * 8-byte head and its payload. The checksum covers the length too, so that a run of zero bytes is never a frame.
 *
 * file header: magic "PLIMSOLL" (8), kind (u32), version (u32)
 * frame head:  payload length (u32), CRC-32 of the length's four bytes and the payload (u32)
 */
export const FILE_HEADER_BYTES = 16;
export const FRAME_HEAD_BYTES = 8;

const MAGIC = new TextEncoder().encode('PLIMSOLL');

/** Why a file's header cannot be used: `newer` data comes from a later version of this program. */
export type HeaderProblem = 'short' | 'foreign' | 'newer';

export function fileHeader(kind: number, version: number): Uint8Array {
  const header = new Uint8Array(FILE_HEADER_BYTES);
  header.set(MAGIC);
  const view = new DataView(header.buffer);
  view.setUint32(8, kind, true);
  view.setUint32(12, version, true);
  return header;
}

/** Null when the bytes begin with a header of this kind at most this version. */
export function checkFileHeader(bytes: Uint8Array, kind: number, version: number): HeaderProblem | null {
  if (bytes.length < FILE_HEADER_BYTES) return 'short';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!MAGIC.every((byte, i) => bytes[i] === byte) || view.getUint32(8, true) !== kind) return 'foreign';
  return view.getUint32(12, true) > version ? 'newer' : null;
}

/** Writes the head of the frame that fills `frame` behind its first eight bytes. */
export function sealFrame(frame: Uint8Array): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const length = frame.length - FRAME_HEAD_BYTES;
  view.setUint32(0, length, true);
  view.setUint32(4, frameChecksum(frame.subarray(0, 4), frame.subarray(FRAME_HEAD_BYTES)), true);
}

export interface FoundFrame {
  readonly payloadOffset: number;
  readonly payload: Uint8Array;
}

/** Yields the intact frames of a file from behind its header, and stops at the first that is not. */
export function* intactFrames(bytes: Uint8Array): Generator<FoundFrame, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = FILE_HEADER_BYTES;
  while (at + FRAME_HEAD_BYTES <= bytes.length) {
    const end = at + FRAME_HEAD_BYTES + view.getUint32(at, true);
    if (end > bytes.length) return;
    const payload = bytes.subarray(at + FRAME_HEAD_BYTES, end);
    if (frameChecksum(bytes.subarray(at, at + 4), payload) !== view.getUint32(at + 4, true)) return;
    yield { payloadOffset: at + FRAME_HEAD_BYTES, payload };
    at = end;
  }
}

/** The payload of a frame that fills `frame`; null where its checksum does not fit. */
export function intactFrame(frame: Uint8Array): Uint8Array | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const payload = frame.subarray(FRAME_HEAD_BYTES);
  return frameChecksum(frame.subarray(0, 4), payload) === view.getUint32(4, true) ? payload : null;
}

function frameChecksum(length: Uint8Array, payload: Uint8Array): number {
  return crc32(payload, crc32(length));
}
