import { readFileSync } from 'node:fs';
import { open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PlimsollError } from '../../../errors.ts';

const VERSION = 1;
const NAME = 'forward.json';

const versioned = z.looseObject({ version: z.number().int() });

const schema = z.object({
  /** Everything before this place in the log has been read for good. */
  segment: z.number().int().min(0),
  offset: z.number().int().min(0),
  /** The newest time that was read. */
  newestMs: z.number().nullable(),
  /** Samples up to this time were in the store before anyone read its log: only the store has them. */
  historyEndMs: z.number().nullable(),
  /** The store may have dropped samples before this time. */
  completeFromMs: z.number(),
  /** Retention has dropped what is before this time: it is not shown, wherever it may still be. */
  retainedFromMs: z.number(),
  /** The store was opened since without a reader: what was appended then was not read. */
  interrupted: z.boolean(),
});

/** How far the one who reads behind the writer has come; docs/format/log.md has the fields. */
export type ReaderState = z.infer<typeof schema>;

/**
 * Null where nobody has read yet, or where the file cannot be read: then reading begins at the oldest segment there is,
 * and what was read before is read once more.
 *
 * @throws PlimsollError 'configuration' for a file of a newer version.
 */
export function loadReaderState(root: string): ReaderState | null {
  const path = join(root, NAME);
  const found = versioned.safeParse(parseJson(path));
  if (!found.success) return null;
  if (found.data.version > VERSION) {
    throw new PlimsollError(
      'configuration',
      `${path} was written by a newer version of plimsoll: start that version, or restore a backup`,
    );
  }
  return schema.safeParse(found.data).data ?? null;
}

/** Replaces the state; resolves when the new one is on the disk. Calls must not overlap. */
export async function saveReaderState(root: string, state: ReaderState): Promise<void> {
  const path = join(root, NAME);
  await writeFile(`${path}.new`, `${JSON.stringify({ version: VERSION, ...state })}\n`, { flush: true });
  await rename(`${path}.new`, path);
  const directory = await open(root);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The segment reading has come to, 0 where nobody reads. */
export function readSegmentOf(root: string): number {
  return loadReaderState(root)?.segment ?? 0;
}

/** Whether someone reads the log of this store from time to time. */
export function isFollowed(root: string): boolean {
  return loadReaderState(root)?.interrupted === false;
}

/** Takes note that the store is in use without a reader. */
export async function interruptReading(root: string): Promise<void> {
  const state = loadReaderState(root);
  if (state !== null && !state.interrupted) await saveReaderState(root, { ...state, interrupted: true });
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Missing or cut short: the caller begins anew, which is safe.
    return undefined;
  }
}
