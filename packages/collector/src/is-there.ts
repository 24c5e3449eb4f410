import { statSync } from 'node:fs';
import { PlimsollError } from './errors.ts';
import { hasCode } from './has-code.ts';

/**
 * Whether something has this path. What may not be looked at is not taken for missing: the answer to that is often to
 * throw away or to begin anew.
 *
 * @throws PlimsollError 'permission_denied' where the user may not read what is above it.
 */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (!hasCode(error, 'EACCES')) throw error;
    throw new PlimsollError(
      'permission_denied',
      `cannot look at ${path}: permission denied; run this as the user that the collector runs as`,
      { cause: error },
    );
  }
}
