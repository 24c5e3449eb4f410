import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { SUMS_SUFFIX } from '../../../page-sums/sums-file.ts';
import { hasCode } from '../../../has-code.ts';

const ATTEMPTS = 6;
const PAUSE_MS = 250;
/** A file that was written this lately may be in the middle of it. */
const FRESH_MS = 3000;
/** A file and what is written with it. */
const COMPANIONS = ['', '-wal', SUMS_SUFFIX];

/**
 * Checks a file that may be written at the same moment: what is found counts only when it is still found a while later.
 * A file that is gone by then was dropped by its owner.
 */
export async function settled<T extends readonly unknown[]>(
  path: string,
  check: () => T | Promise<T>,
): Promise<T | []> {
  for (let attempt = 1; ; attempt++) {
    const before = stateOf(path);
    const found = await unlessGone(check);
    if (found.length === 0 || attempt === ATTEMPTS) return found;
    const after = stateOf(path);
    if (after.text === before.text && Date.now() - after.newestMs > FRESH_MS) return found;
    await delay(PAUSE_MS);
  }
}

async function unlessGone<T extends readonly unknown[]>(check: () => T | Promise<T>): Promise<T | []> {
  try {
    return await check();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function stateOf(path: string): { readonly text: string; readonly newestMs: number } {
  const stats = COMPANIONS.map((companion) => statSync(path + companion, { throwIfNoEntry: false }));
  return {
    text: stats.map((stat) => `${stat?.size} ${stat?.mtimeMs}`).join(),
    newestMs: Math.max(0, ...stats.map((stat) => stat?.mtimeMs ?? 0)),
  };
}
