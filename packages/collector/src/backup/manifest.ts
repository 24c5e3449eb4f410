import { createHash } from 'node:crypto';
import { open, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PlimsollError } from '../errors.ts';
import { isThere } from '../is-there.ts';
import { systemFiles } from '../telemetry/embedded/files.ts';
import { MAX_MANIFEST_BYTES } from './limits.ts';

/** 2 has `damages`; a backup without any is of version 1. */
export const BACKUP_VERSION = 2;
export const MANIFEST_FILE = 'manifest.json';

const fileSchema = z.strictObject({
  /** Below the backup's directory, with forward slashes. */
  path: z.string().refine(isInside, 'a path in a manifest stays inside the backup'),
  sizeBytes: z.number().int().nonnegative(),
  /** SHA-256 of the content, hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** When the original was last written, milliseconds since the Unix epoch: a later backup may share the file. */
  modifiedAtMs: z.number().optional(),
  /** Where a configuration file was. */
  original: z.string().optional(),
});
export type BackupFile = z.infer<typeof fileSchema>;

const damageSchema = z.strictObject({
  path: z.string().refine(isInside, 'a path in a manifest stays inside the backup'),
  what: z.string(),
  affected: z.string(),
  /** Of a database: pages that are not as they were written, by number from 1, the first `MAX_PAGES_KEPT`. */
  pages: z.array(z.number().int().positive()).optional(),
  pageBytes: z.number().int().positive().optional(),
});
/** What was found damaged in the storage path when it was copied: the backup has it as it was. */
export type Damage = z.infer<typeof damageSchema>;

const manifestSchema = z.strictObject({
  version: z.number().int(),
  id: z.string().min(1),
  /** Of the program that wrote it. */
  program: z.string(),
  startedAt: z.iso.datetime(),
  /** The moment that everything in the backup is as of. */
  cutAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  /** Whether a collector ran meanwhile. */
  online: z.boolean(),
  incarnation: z.string().min(1),
  journal: z.strictObject({ events: z.number().int(), headHash: z.string().nullable() }),
  files: z.array(fileSchema),
  damages: z.array(damageSchema).min(1).optional(),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Writes the manifest, durably and last: a directory without one is no backup. */
export async function writeManifest(directory: string, manifest: Manifest): Promise<void> {
  const file = path.join(directory, MANIFEST_FILE);
  const draft = await open(`${file}.new`, 'wx', 0o600);
  try {
    await draft.writeFile(render(manifest));
    await draft.sync();
  } finally {
    await draft.close();
  }
  await rename(`${file}.new`, file);
  systemFiles.syncDirectory(directory);
}

/**
 * Reads the manifest of a whole backup.
 *
 * @throws PlimsollError 'failed_precondition' for a directory that is no backup, one that was not finished, or a damaged
 * manifest; 'configuration' for a backup of a newer version.
 */
export async function readManifest(directory: string): Promise<Manifest> {
  const file = path.join(directory, MANIFEST_FILE);
  if (!isThere(file)) throw notABackup(directory);
  if ((await stat(file)).size > MAX_MANIFEST_BYTES) throw damaged(file);
  const text = await readFile(file, 'utf8');
  const content = parseJson(text);
  const version = z.object({ manifest: z.object({ version: z.number() }) }).safeParse(content);
  if (version.success && version.data.manifest.version > BACKUP_VERSION) {
    throw new PlimsollError(
      'configuration',
      `the backup in ${directory} was written by a newer version of plimsoll: restore it with that version`,
      { details: { directory, version: version.data.manifest.version } },
    );
  }
  const parsed = z.object({ manifest: manifestSchema }).safeParse(content);
  // The text is compared as a whole, so that not one of its bytes can change unnoticed.
  if (!parsed.success || render(parsed.data.manifest) !== text) throw damaged(file);
  return parsed.data.manifest;
}

function render(manifest: Manifest): string {
  const sha256 = createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
  return `${JSON.stringify({ sha256, manifest }, null, 1)}\n`;
}

function notABackup(directory: string): PlimsollError {
  const found = isThere(directory);
  return new PlimsollError(
    'failed_precondition',
    found
      ? `${directory} has no ${MANIFEST_FILE}: it is no backup, or one that was not finished; take another`
      : `there is no directory ${directory}`,
    { details: { directory } },
  );
}

function damaged(file: string): PlimsollError {
  return new PlimsollError('failed_precondition', `${file} is damaged: the backup cannot be trusted`, {
    details: { file },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isInside(file: string): boolean {
  return (
    file !== '' && !path.posix.isAbsolute(file) && !file.split('/').includes('..') && !file.includes('\\')
  );
}
