import { readdirSync, statSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../errors.ts';
import { makeDirectory } from '../make-directory.ts';

/**
 * Makes an empty directory, readable by its owner alone: backups and storage paths hold keys.
 *
 * @throws PlimsollError 'failed_precondition' where something is in it, 'unavailable' where it cannot be made.
 */
export async function prepareTarget(directory: string, advice: string): Promise<void> {
  if (!isEmptyOrMissing(directory)) {
    throw new PlimsollError('failed_precondition', `${directory} is not empty: ${advice}`, {
      details: { directory },
    });
  }
  makeDirectory(directory, 'the target', 0o700);
  await chmod(directory, 0o700);
}

/** Whether one path is the other or inside it. */
export function overlap(a: string, b: string): boolean {
  return isWithin(a, b) || isWithin(b, a);
}

function isWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

function isEmptyOrMissing(directory: string): boolean {
  const stat = statSync(directory, { throwIfNoEntry: false });
  if (stat === undefined) return true;
  return stat.isDirectory() && readdirSync(directory).length === 0;
}
