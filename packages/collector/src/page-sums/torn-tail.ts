import { crc32 } from 'node:zlib';
import { FRAME_HEAD_BYTES } from '../telemetry/embedded/framing.ts';

/**
 * Whether what a file has from `at` on is a frame that a crash cut short: it says that it is longer than the file. A
 * whole frame whose length has a changed byte says so too; that one's checksum fits with the byte put right.
 */
export function isTornTail(bytes: Uint8Array, at: number): boolean {
  const rest = bytes.length - at - FRAME_HEAD_BYTES;
  if (rest < 0) return true;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(at, true) <= rest) return false;
  const checksum = view.getUint32(at + 4, true);
  // A copy of its own: a Buffer's slice would be the file's bytes themselves.
  const length = Uint8Array.from(bytes.subarray(at, at + 4));
  const lengthView = new DataView(length.buffer);
  for (let i = 0; i < length.length; i++) {
    const written = length[i] ?? 0;
    for (let byte = 0; byte < 256; byte++) {
      length[i] = byte;
      const end = lengthView.getUint32(0, true);
      if (end > rest) continue;
      const payload = bytes.subarray(at + FRAME_HEAD_BYTES, at + FRAME_HEAD_BYTES + end);
      if (crc32(payload, crc32(length)) === checksum) return false;
    }
    length[i] = written;
  }
  return true;
}
