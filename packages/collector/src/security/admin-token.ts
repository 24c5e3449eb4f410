import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../errors.ts';
import { hasCode } from '../has-code.ts';

/** The file in the storage path; only its owner can read it. */
export const ADMIN_TOKEN_FILE = 'admin-token';

const TOKEN_BYTES = 32;
const PREFIX = 'plimsoll_admin_';

/** Proves that a caller can read the storage path. */
export interface AdminToken {
  /** Compares in constant time. */
  matches(candidate: string): boolean;
}

/**
 * Reads `<storagePath>/admin-token`, making it (mode 0600) at the first start. Throws `configuration` when other users
 * can read it or it is empty.
 */
export async function loadAdminToken(storagePath: string): Promise<AdminToken> {
  const file = path.join(storagePath, ADMIN_TOKEN_FILE);
  await createOnce(file);
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
    throw new PlimsollError(
      'configuration',
      `${file} can be read by other users (mode ${(mode & 0o777).toString(8)}): delete it, a new one is made at the next start`,
    );
  }
  const token = (await readFile(file, 'utf8')).trim();
  if (token === '') {
    throw new PlimsollError(
      'configuration',
      `${file} is empty: delete it, a new one is made at the next start`,
    );
  }
  const expected = digest(token);
  return { matches: (candidate) => timingSafeEqual(digest(candidate), expected) };
}

async function createOnce(file: string): Promise<void> {
  const token = PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
  try {
    await writeFile(file, `${token}\n`, { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

/** Equal lengths for the comparison, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
