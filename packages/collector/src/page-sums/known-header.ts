import { FILE_HEADER_BYTES, fileHeader } from '../telemetry/embedded/framing.ts';

/** Whether a file begins, byte for byte, as this program or an earlier version of it begins files of this kind. */
export function hasKnownHeader(bytes: Uint8Array, kind: number, newestVersion: number): boolean {
  const header = bytes.subarray(0, FILE_HEADER_BYTES);
  for (let version = 1; version <= newestVersion; version++) {
    if (Buffer.compare(header, fileHeader(kind, version)) === 0) return true;
  }
  return false;
}
