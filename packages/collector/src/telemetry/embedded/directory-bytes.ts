import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Size of all files below a directory. A file that goes meanwhile counts as nothing. */
export function directoryBytes(path: string): number {
  let bytes = 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) bytes += directoryBytes(inner);
    else bytes += statSync(inner, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
