import { writeFileSync } from 'node:fs';
import { FRAME_HEAD_BYTES, fileHeader, sealFrame } from '../telemetry/embedded/framing.ts';
import { readSums, sumsPath } from './sums-file.ts';

/** Writes a database's checksums as version 1 did, and as if these pages had changed without them. */
export function leaveOldSums(database: string, stale: readonly number[]): void {
  const sums = readSums(database);
  if (sums === undefined) throw new Error(`${database} has no checksums`);
  const frame = new Uint8Array(FRAME_HEAD_BYTES + 4 + sums.newest.size * 8);
  const view = new DataView(frame.buffer, FRAME_HEAD_BYTES);
  view.setUint32(0, sums.pageBytes, true);
  let at = 4;
  for (const [number, sum] of sums.newest) {
    view.setUint32(at, number, true);
    view.setUint32(at + 4, stale.includes(number) ? ~sum >>> 0 : sum, true);
    at += 8;
  }
  sealFrame(frame);
  writeFileSync(sumsPath(database), Buffer.concat([fileHeader(3, 1), frame]));
}
