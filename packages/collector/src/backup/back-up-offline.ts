import path from 'node:path';
import { PlimsollError } from '../errors.ts';
import { isThere } from '../is-there.ts';
import { lockDirectory } from '../telemetry/embedded/directory-lock.ts';
import { createBackup, type BackupOptions } from './create-backup.ts';
import type { Manifest } from './manifest.ts';
import { refuseHalfRestored } from './restore-mark.ts';
import { listGrowingFiles } from './state-files.ts';

export type OfflineBackupOptions = Omit<BackupOptions, 'backUp' | 'online' | 'configuration'>;

/**
 * Backs up a storage path that no collector uses, and keeps collectors out meanwhile.
 *
 * @throws as `createBackup` does, and PlimsollError 'locked' where a collector runs.
 */
export async function backUpOffline(options: OfflineBackupOptions): Promise<Manifest> {
  const { storagePath } = options;
  const telemetry = path.join(storagePath, 'telemetry');
  if (!isThere(path.join(telemetry, 'store.json'))) {
    throw new PlimsollError(
      'not_found',
      `there is no data in ${storagePath}: --storage.path names where a collector keeps it`,
      { details: { storagePath } },
    );
  }
  refuseHalfRestored(storagePath);
  const lock = lockDirectory(telemetry);
  try {
    const cut = () => Promise.resolve(listGrowingFiles(storagePath));
    return await createBackup({ ...options, online: false, configuration: [], backUp: (copy) => copy(cut) });
  } finally {
    lock[Symbol.dispose]();
  }
}
