import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ClientError } from './client.ts';

const TOKEN_FILE = 'admin-token';

/** Where a collector keeps its local admin token. */
export function adminTokenFile(storagePath: string): string {
  return path.resolve(storagePath, TOKEN_FILE);
}

export async function readAdminToken(storagePath: string): Promise<string> {
  try {
    return (await readFile(adminTokenFile(storagePath), 'utf8')).trim();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ClientError(
      `no token there (${why}): the collector makes it at its first start; see --storage.path`,
      { cause: error },
    );
  }
}
