import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { PlimsollError } from './errors.ts';
import { hasCode } from './has-code.ts';

/**
 * Makes a directory and those above it that are missing; unless told otherwise, readable by owner and group.
 *
 * Node's own recursive form never returns where a file system answers "no such directory" for a name it does not take,
 * as /proc does: each directory is made by itself here.
 *
 * @param what names the setting or part in the error.
 * @throws PlimsollError 'unavailable' where it cannot be made, or something else has its name.
 */
export function makeDirectory(directory: string, what: string, mode = 0o750): void {
  const missing: string[] = [];
  for (let at = path.resolve(directory); !existsSync(at); at = path.dirname(at)) missing.push(at);
  try {
    for (const each of missing.toReversed()) makeOne(each, mode);
    if (!statSync(directory).isDirectory()) throw new Error('it is a file');
  } catch (error) {
    throw new PlimsollError('unavailable', `${what}: cannot make ${directory}: ${reason(error)}`, {
      cause: error,
    });
  }
}

/** Another process may make it at the same moment. */
function makeOne(directory: string, mode: number): void {
  try {
    mkdirSync(directory, { mode });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

function reason(error: unknown): string {
  if (hasCode(error, 'ENOTDIR')) return 'a part of the path is a file';
  if (hasCode(error, 'ENOENT')) return 'its file system takes no new directories; name another path';
  return error instanceof Error ? error.message : String(error);
}
