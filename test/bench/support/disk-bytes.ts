import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/** The sizes of all files below a directory but those in folders named `except`, added up. */
export async function diskBytes(directory: string, except: readonly string[] = []): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (!entry.isDirectory()) bytes += (await lstat(file)).size;
    else if (!except.includes(entry.name)) bytes += await diskBytes(file, except);
  }
  return bytes;
}
