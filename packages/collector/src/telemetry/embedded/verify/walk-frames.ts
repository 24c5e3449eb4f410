import { crc32 } from 'node:zlib';
import { isTornTail } from '../../../page-sums/torn-tail.ts';
import { FILE_HEADER_BYTES, FRAME_HEAD_BYTES } from '../framing.ts';

export interface WalkedFrame {
  /** Of its head. */
  readonly offset: number;
  readonly payload: Uint8Array;
  readonly isIntact: boolean;
}

export interface Walk {
  /** In order; a damaged one is among them where the next can still be found behind it. */
  readonly frames: readonly WalkedFrame[];
  /** Bytes at the end that make no frame, and that no crash has left there. */
  readonly strayBytes: number;
}

/** All frames of a log segment or a file of blocks, also those behind a damaged one, which a replay would not reach. */
export function walkFrames(bytes: Uint8Array): Walk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: WalkedFrame[] = [];
  let at = FILE_HEADER_BYTES;
  while (at + FRAME_HEAD_BYTES <= bytes.length) {
    const end = at + FRAME_HEAD_BYTES + view.getUint32(at, true);
    if (end > bytes.length) break;
    const payload = bytes.subarray(at + FRAME_HEAD_BYTES, end);
    const isIntact = crc32(payload, crc32(bytes.subarray(at, at + 4))) === view.getUint32(at + 4, true);
    frames.push({ offset: at, payload, isIntact });
    at = end;
  }
  const isTorn = at >= bytes.length || isTornTail(bytes, at);
  return { frames, strayBytes: isTorn ? 0 : bytes.length - at };
}
