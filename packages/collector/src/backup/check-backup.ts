import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type BackupProgress } from './create-backup.ts';
import { contentOf } from './content-of.ts';
import { hashFile } from './copy-file.ts';
import { type BackupFile, type Manifest, MANIFEST_FILE } from './manifest.ts';

/** What does not agree with a backup's manifest, one line each; empty when all of it does. */
export async function checkBackup(
  directory: string,
  { files }: Manifest,
  onProgress: (progress: BackupProgress) => void = () => undefined,
): Promise<string[]> {
  const faults: string[] = [];
  const bytesTotal = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let bytesDone = 0;
  for (const file of files) {
    const fault = await checkFile(directory, file, (bytes) =>
      onProgress({ bytesDone: (bytesDone += bytes), bytesTotal }),
    );
    if (fault !== null) faults.push(fault);
  }
  return [...faults, ...strangers(directory, files)];
}

async function checkFile(
  directory: string,
  file: BackupFile,
  onBytes: (bytes: number) => void,
): Promise<string | null> {
  try {
    const { sizeBytes, sha256 } = await hashFile(path.join(directory, file.path), { onBytes });
    if (sizeBytes !== file.sizeBytes)
      return `${file.path}: ${sizeBytes} bytes instead of ${file.sizeBytes}; affected: ${contentOf(file.path)}`;
    return sha256 === file.sha256
      ? null
      : `${file.path}: its content was changed; affected: ${contentOf(file.path)}`;
  } catch (error) {
    return `${file.path}: cannot be read, affected: ${contentOf(file.path)}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A file nobody wrote down is not restored; it may have been meant to be. */
function strangers(directory: string, files: readonly BackupFile[]): string[] {
  const known = new Set([MANIFEST_FILE, ...files.map(({ path: file }) => file)]);
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      path.relative(directory, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'),
    )
    .filter((file) => !known.has(file))
    .map((file) => `${file}: is not in the manifest`);
}
