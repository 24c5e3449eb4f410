import { readdirSync } from 'node:fs';
import { hasCode } from './has-code.ts';

/** What is in a directory, sorted by name; nothing where it is missing. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
