import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isSetAside } from '../page-sums/set-aside-name.ts';
import { SUMS_SUFFIX } from '../page-sums/sums-file.ts';
import { hasCode } from '../has-code.ts';

/** Where databases with checksums are, below the storage path. */
const DATABASES = ['', 'desk', 'telemetry', 'telemetry/days', 'telemetry/rollups'];
/** Where every part of a file has its checksum, and what those files end with. */
const FRAMES: readonly (readonly [directory: string, ending: string])[] = [
  ['telemetry/log', '.log'],
  ['telemetry/queue', '.log'],
  ['telemetry/blocks', '.blocks'],
];
const SET_ASIDE = ['telemetry/days', 'telemetry/rollups'];

/** All files with checksums, below the storage path with forward slashes; also a database of which only those are left. */
export async function scrubbedFiles(storagePath: string): Promise<string[]> {
  const files: string[] = [];
  for (const directory of DATABASES) {
    for (const name of await namesIn(storagePath, directory)) {
      if (!name.endsWith(SUMS_SUFFIX)) continue;
      const database = name.slice(0, -SUMS_SUFFIX.length);
      if (!isSetAside(database)) files.push(path.posix.join(directory, database));
    }
  }
  for (const [directory, ending] of FRAMES) {
    const names = await namesIn(storagePath, directory);
    files.push(...names.filter((name) => name.endsWith(ending)).map((name) => `${directory}/${name}`));
  }
  return files;
}

/** Days and rollups that were found damaged when the store was opened, and that nobody has removed since. */
export async function setAsideFiles(storagePath: string): Promise<string[]> {
  const files: string[] = [];
  for (const directory of SET_ASIDE) {
    const names = await namesIn(storagePath, directory);
    files.push(...names.filter(isSetAside).map((name) => `${directory}/${name}`));
  }
  return files;
}

async function namesIn(storagePath: string, directory: string): Promise<string[]> {
  try {
    return (await readdir(path.join(storagePath, directory))).toSorted();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
