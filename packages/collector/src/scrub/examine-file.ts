import path from 'node:path';
import { contentOf } from '../backup/content-of.ts';
import { MAX_PAGES_KEPT } from '../backup/limits.ts';
import type { Damage } from '../backup/manifest.ts';
import { pagesText } from '../page-sums/check-database.ts';
import { CONFIRMATIONS, STEADY_ATTEMPTS } from './limits.ts';
import { CLEAN, inBoth, isClean, type Look } from './look.ts';
import { lookAtDatabase, type LookTools } from './look-at-database.ts';
import { lookAtFrames } from './look-at-frames.ts';

const FRAMES = /\.(?:log|blocks)$/;

/**
 * Reads a file that others may write, and says what of it changed since it was written. Only what several looks find,
 * with a pause between them and checksums that stay as they are, is said: a false accusation is worse than a late one.
 *
 * @returns null where that could not be found out now.
 */
export async function examineFile(
  storagePath: string,
  file: string,
  tools: LookTools & { readonly confirmPauseMs: number },
): Promise<readonly Damage[] | null> {
  const source = path.join(storagePath, file);
  const look = async (suspects: Look | null): Promise<Look> => {
    if (FRAMES.test(file)) return await readable(lookAtFrames(source, file, tools));
    // What is wrong with the whole file takes a look at all of it.
    const pages = suspects === null || suspects.badPages.length === 0 ? null : suspects.badPages;
    return await readable(lookAtDatabase(source, tools, pages));
  };
  let found = await look(null);
  for (let round = 0; round < CONFIRMATIONS && !isClean(found); round++) {
    await tools.pace.pause(tools.confirmPauseMs);
    const again = await steadyLook(() => look(found), tools);
    if (again === null) return null;
    found = inBoth(found, again);
  }
  return damagesOf(file, found);
}

/** Null for a file that is written all the time: it is not accused of anything, and nothing is taken back. */
async function steadyLook(
  look: () => Promise<Look>,
  tools: LookTools & { readonly confirmPauseMs: number },
): Promise<Look | null> {
  for (let attempt = 1; attempt <= STEADY_ATTEMPTS; attempt++) {
    const found = await look();
    if (found.isSteady || isClean(found)) return found;
    await tools.pace.pause(tools.confirmPauseMs);
  }
  return null;
}

/** A file that was removed meanwhile has nothing that could be damaged; one that the disk does not read is. */
async function readable(look: Promise<Look>): Promise<Look> {
  try {
    return await look;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT') return CLEAN;
    if (code === 'EIO') return { ...CLEAN, faults: ['the disk cannot read it'] };
    throw error;
  }
}

function damagesOf(file: string, { badPages, pageBytes, faults }: Look): Damage[] {
  const affected = contentOf(file);
  const others = faults.map((what): Damage => ({ path: file, what, affected }));
  if (badPages.length === 0) return others;
  const pages = badPages.slice(0, MAX_PAGES_KEPT);
  return [{ path: file, what: pagesText(badPages), affected, pages, pageBytes }, ...others];
}
