import { stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../has-code.ts';

/** How often the sign is renewed: bounds the unknown time before a crash. */
export const ALIVE_MS = 10_000;

/**
 * The last moment a collector is known to have lived, kept as the time of an empty file: renewing it costs no sync and
 * adds nothing to the journal, so it can be done often.
 */
export class SignOfLife {
  readonly #file: string;

  constructor(directory: string) {
    this.#file = path.join(directory, 'alive');
  }

  async renew(nowMs: number): Promise<void> {
    try {
      await utimes(this.#file, nowMs / 1000, nowMs / 1000);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      await writeFile(this.#file, '');
      await utimes(this.#file, nowMs / 1000, nowMs / 1000);
    }
  }

  /** Milliseconds since the Unix epoch, or null where there was none. */
  async last(): Promise<number | null> {
    try {
      return Math.round((await stat(this.#file)).mtimeMs);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null;
      throw error;
    }
  }
}
