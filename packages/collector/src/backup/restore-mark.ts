import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { PlimsollError } from '../errors.ts';
import { systemFiles } from '../telemetry/embedded/files.ts';

const RESTORED_FILE = 'restored.json';
const INCOMPLETE_FILE = 'restore.incomplete';
const MARK_VERSION = 1;

const markSchema = z.object({
  version: z.literal(MARK_VERSION),
  /** Of the backup. */
  backup: z.string(),
  cutAtMs: z.number(),
  restoredAtMs: z.number(),
  /** Of the data before and after. */
  previousIncarnation: z.string(),
  incarnation: z.string(),
  /** Messages that waited to be sent at the cut and were dropped: they are of the past. */
  droppedMessages: z.number().int(),
  /** The last sequence each agent's newest epoch had at the cut; added at the first start. */
  agents: z
    .array(z.object({ agentId: z.string(), instance: z.string(), epoch: z.number(), last: z.number() }))
    .optional(),
});

/** What the collector has to journal of a restore: written by it, and removed once it is settled what was lost. */
export type RestoreMark = z.infer<typeof markSchema>;

export function readRestoreMark(storagePath: string): RestoreMark | undefined {
  const file = path.join(storagePath, RESTORED_FILE);
  if (!existsSync(file)) return undefined;
  const parsed = markSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new PlimsollError('configuration', `${file} is damaged: remove it to start without noting the gap`);
}

export function writeRestoreMark(storagePath: string, mark: RestoreMark): void {
  writeDurably(storagePath, RESTORED_FILE, JSON.stringify(mark));
}

export function removeRestoreMark(storagePath: string): void {
  rmSync(path.join(storagePath, RESTORED_FILE), { force: true });
}

/** Says that what is in the directory is not all yet. */
export function beginRestore(storagePath: string): void {
  writeDurably(storagePath, INCOMPLETE_FILE, '');
}

export function endRestore(storagePath: string): void {
  rmSync(path.join(storagePath, INCOMPLETE_FILE));
  systemFiles.syncDirectory(storagePath);
}

/** @throws PlimsollError 'configuration' where a restore was cut short. */
export function refuseHalfRestored(storagePath: string): void {
  if (!existsSync(path.join(storagePath, INCOMPLETE_FILE))) return;
  throw new PlimsollError(
    'configuration',
    `a restore into ${storagePath} was cut short: remove the directory and restore again`,
    { details: { storagePath } },
  );
}

function writeDurably(directory: string, name: string, text: string): void {
  const file = path.join(directory, name);
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
  systemFiles.rename(`${file}.new`, file);
  systemFiles.syncDirectory(directory);
}
