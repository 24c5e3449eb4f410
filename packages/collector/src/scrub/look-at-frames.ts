import { partsOf } from '../backup/copy-file.ts';
import { checkFor } from '../backup/find-damage.ts';
import { TimeSlice } from '../time-slice.ts';
import { CLEAN, type Look } from './look.ts';
import type { LookTools } from './look-at-database.ts';

/** Checked between two looks at the clock, bytes: parts of the log can be as small as a hundred. */
const STEP_BYTES = 16 * 1024;

/** Compares every part of a log segment or a file of blocks with its checksum, while others append to it. */
export async function lookAtFrames(source: string, file: string, tools: LookTools): Promise<Look> {
  const check = await checkFor(source, file);
  if (check === null) return CLEAN;
  for await (const part of partsOf(source)) {
    const slice = new TimeSlice();
    for (let at = 0; at < part.length; at += STEP_BYTES) {
      check.take(part.subarray(at, at + STEP_BYTES));
      if (slice.over) await slice.rest();
    }
    tools.onBytes(part.length);
    await tools.pace.take(part.length);
  }
  return { ...CLEAN, faults: check.finish().map(({ what }) => what) };
}
