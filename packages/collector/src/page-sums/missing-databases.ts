import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSetAside } from './set-aside-name.ts';
import { SUMS_SUFFIX } from './sums-file.ts';

/** Names of databases that there were in a directory: they are never removed before their checksums. */
export function missingDatabases(directory: string): string[] {
  return namesIn(directory)
    .filter((name) => name.endsWith(SUMS_SUFFIX))
    .map((name) => name.slice(0, -SUMS_SUFFIX.length))
    .filter((name) => !isSetAside(name) && sizeOf(join(directory, name)) === 0)
    .toSorted();
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
