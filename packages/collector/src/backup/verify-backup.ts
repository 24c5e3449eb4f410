import type { Progress } from '../telemetry/embedded/verify/fault.ts';
import { checkBackup } from './check-backup.ts';
import { describeDamages } from './describe-damages.ts';
import { type Manifest, readManifest } from './manifest.ts';

export interface BackupVerification {
  readonly manifest: Manifest;
  readonly bytes: number;
  /** What changed since it was taken, and what was damaged before. */
  readonly faults: readonly string[];
}

/** Checks a backup against its manifest, and tells of the damage that the manifest names. @throws PlimsollError as `readManifest` does. */
export async function verifyBackup(
  directory: string,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<BackupVerification> {
  const manifest = await readManifest(directory);
  const changed = await checkBackup(directory, manifest, onProgress);
  const faults = [...changed, ...describeDamages(directory, manifest)];
  return { manifest, faults, bytes: manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}
