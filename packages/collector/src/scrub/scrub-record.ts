import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { systemFiles } from '../telemetry/embedded/files.ts';

/** Below the storage path: what the last pass found, so that a start does not forget it until the next one. */
export const SCRUB_RECORD_FILE = 'scrub.json';

const damagedFileSchema = z.object({
  /** Below the storage path, with forward slashes. */
  file: z.string(),
  /** What is wrong, one sentence each, with the series, agents and times that it touches. */
  messages: z.array(z.string()),
  /** Tells this damage from another of the same file. */
  key: z.string(),
  foundAtMs: z.number(),
});
export type DamagedFile = z.infer<typeof damagedFileSchema>;

const recordSchema = z.object({
  version: z.literal(1),
  /** When the last whole pass ended, milliseconds since the Unix epoch; null before the first. */
  completedAtMs: z.number().nullable(),
  damaged: z.array(damagedFileSchema),
});
export type ScrubRecord = z.infer<typeof recordSchema>;

const NOTHING: ScrubRecord = { version: 1, completedAtMs: null, damaged: [] };

/** One that is missing, damaged or of another version begins anew: the next pass finds everything again. */
export async function readScrubRecord(storagePath: string): Promise<ScrubRecord> {
  const text = await readFile(path.join(storagePath, SCRUB_RECORD_FILE), 'utf8').catch(() => '');
  return recordSchema.safeParse(parseJson(text)).data ?? NOTHING;
}

export function writeScrubRecord(storagePath: string, record: ScrubRecord): void {
  const file = path.join(storagePath, SCRUB_RECORD_FILE);
  systemFiles.remove(`${file}.new`);
  const fd = systemFiles.openAppend(`${file}.new`);
  try {
    systemFiles.append(fd, Buffer.from(`${JSON.stringify(record)}\n`));
  } finally {
    systemFiles.close(fd);
  }
  systemFiles.rename(`${file}.new`, file);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
