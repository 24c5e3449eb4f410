import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isSetAside } from './set-aside-name.ts';
import { SUMS_SUFFIX } from './sums-file.ts';
import { namesIn } from '../names-in.ts';

/** What is said of a database that there was. */
export const MISSING = 'is missing or empty, but there was something in it';

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
