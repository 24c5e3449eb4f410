import type { Progress } from '../telemetry/embedded/verify/fault.ts';
import { checkBackup } from './check-backup.ts';
import { type Manifest, readManifest } from './manifest.ts';

export interface BackupVerification {
  readonly manifest: Manifest;
  readonly bytes: number;
  readonly faults: readonly string[];
}

/** Checks a backup against its manifest. @throws PlimsollError as `readManifest` does. */
export async function verifyBackup(
  directory: string,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<BackupVerification> {
  const manifest = await readManifest(directory);
  const faults = await checkBackup(directory, manifest, onProgress);
  return { manifest, faults, bytes: manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}
