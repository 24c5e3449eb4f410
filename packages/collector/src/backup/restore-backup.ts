import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { sumPages } from '../page-sums/checkpoint.ts';
import { systemFiles } from '../telemetry/embedded/files.ts';
import { mintIdentity } from '../telemetry/embedded/store-identity.ts';
import { PlimsollError } from '../errors.ts';
import { checkBackup } from './check-backup.ts';
import { copyFile } from './copy-file.ts';
import type { BackupProgress } from './create-backup.ts';
import { describeDamages } from './describe-damages.ts';
import { dropMessages } from './drop-messages.ts';
import { type BackupFile, type Manifest, readManifest } from './manifest.ts';
import { overlap, prepareTarget } from './prepare-target.ts';
import { isDatabase } from './state-files.ts';
import { beginRestore, endRestore, type RestoreMark, writeRestoreMark } from './restore-mark.ts';

export interface RestoreOptions {
  /** A backup. Absolute. */
  readonly directory: string;
  /** New or empty. Absolute. */
  readonly storagePath: string;
  readonly now: () => number;
  readonly onProgress: (stage: 'checking' | 'copying', progress: BackupProgress) => void;
}

export interface Restored {
  readonly manifest: Manifest;
  readonly mark: RestoreMark;
  /** What was damaged before the backup was taken, one line each; "verify" goes on naming the pages. */
  readonly damages: readonly string[];
}

/** Configuration of that time is kept in the backup for reading; where it belongs is for people to say. */
const STAYS_IN_BACKUP = 'configuration/';

/**
 * Makes a storage path from a backup, as of its cut. Every checksum is checked before anything is written. The data is
 * a new incarnation from then on; the collector's first start journals the time that was lost.
 *
 * @throws PlimsollError 'failed_precondition' for a directory that is no whole backup or a storage path that is not
 * empty, 'configuration' for a backup of a newer version, 'unavailable' where it cannot be written.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { directory, storagePath, onProgress } = options;
  const manifest = await readManifest(directory);
  if (overlap(directory, storagePath)) {
    throw new PlimsollError(
      'invalid_argument',
      `the storage path ${storagePath} and the backup ${directory} overlap`,
    );
  }
  await prepareTarget(storagePath, 'a backup is restored into a new or empty directory only');
  const faults = await checkBackup(directory, manifest, (progress) => onProgress('checking', progress));
  if (faults.length > 0) {
    throw new PlimsollError(
      'failed_precondition',
      `the backup in ${directory} is damaged:\n${faults.join('\n')}`,
    );
  }
  beginRestore(storagePath);
  await copyAll(
    options,
    manifest.files.filter((file) => !file.path.startsWith(STAYS_IN_BACKUP)),
  );
  const mark = settle(options, manifest);
  endRestore(storagePath);
  return { manifest, mark, damages: describeDamages(directory, manifest) };
}

async function copyAll(
  { directory, storagePath, onProgress }: RestoreOptions,
  files: readonly BackupFile[],
): Promise<void> {
  const bytesTotal = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let bytesDone = 0;
  const directories = new Set<string>([storagePath]);
  for (const { path: file, sha256 } of files) {
    const target = path.join(storagePath, file);
    for (let at = path.dirname(target); at.length > storagePath.length; at = path.dirname(at))
      directories.add(at);
    await mkdir(path.dirname(target), { recursive: true, mode: 0o750 });
    const copied = await copyFile(path.join(directory, file), target, {
      onBytes: (bytes) => onProgress('copying', { bytesDone: (bytesDone += bytes), bytesTotal }),
    });
    if (copied.sha256 !== sha256) {
      throw new PlimsollError('unavailable', `${file} changed while it was copied: is the disk sound?`);
    }
  }
  for (const each of [...directories].toSorted().toReversed()) systemFiles.syncDirectory(each);
}

/** Tells the copied state what has become of it. */
function settle({ storagePath, now }: RestoreOptions, manifest: Manifest): RestoreMark {
  const cutAtMs = Date.parse(manifest.cutAt);
  const droppedMessages = dropMessages(
    path.join(storagePath, 'notifications.sqlite'),
    manifest.journal.events,
  );
  for (const { path: file } of manifest.files) {
    const restored = path.join(storagePath, file);
    const damaged = damagedPages(manifest, file);
    if (existsSync(restored) && (isDatabase(restored) || damaged.length > 0)) sumPages(restored, damaged);
  }
  leaveSignOfLife(path.join(storagePath, 'desk'), cutAtMs);
  const { incarnation } = mintIdentity(path.join(storagePath, 'telemetry'));
  const mark: RestoreMark = {
    version: 1,
    backup: manifest.id,
    cutAtMs,
    restoredAtMs: now(),
    previousIncarnation: manifest.incarnation,
    incarnation,
    droppedMessages,
  };
  writeRestoreMark(storagePath, mark);
  return mark;
}

function damagedPages({ damages = [] }: Manifest, file: string): number[] {
  return damages.flatMap((damage) => (damage.path === file ? (damage.pages ?? []) : []));
}

/** The collector is known to have lived until the cut: from there on everything is unknown. */
function leaveSignOfLife(desk: string, cutAtMs: number): void {
  if (!existsSync(desk)) return;
  const file = path.join(desk, 'alive');
  writeFileSync(file, '');
  utimesSync(file, cutAtMs / 1000, cutAtMs / 1000);
}
