import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { StartError } from './start-error.ts';

/**
 * Makes the spool's directory and those above it that are missing, for this user alone. Each is made by itself: Node's
 * recursive form never returns where a file system takes no new directories, as /proc does.
 *
 * @throws StartError 'configuration' where it cannot be made.
 */
export function makeSpoolDirectory(directory: string): void {
  const missing: string[] = [];
  for (let at = path.resolve(directory); !existsSync(at); at = path.dirname(at)) missing.push(at);
  try {
    for (const each of missing.toReversed()) mkdirSync(each, { mode: 0o700 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      'configuration',
      `cannot make the spool ${directory} (${reason}): choose another --spool.path`,
      {
        cause: error,
      },
    );
  }
}
