import { join } from 'node:path';
import { makeDirectory } from '../../make-directory.ts';

/** The index of series, beside the directories below. */
export const INDEX_NAME = 'index.db';

/** Where the parts of a store are below its directory. */
export interface StorePaths {
  readonly root: string;
  /** The durable log of what is not sealed yet. */
  readonly log: string;
  /** Segments of the log that are kept only until a long-term engine has them. */
  readonly queue: string;
  /** Sealed blocks of windows that are still being filled. */
  readonly blocks: string;
  /** Chunks by series, a file a day. */
  readonly days: string;
  /** What is left of days that were dropped, a file a month and one a year. */
  readonly rollups: string;
}

export function storePaths(root: string): StorePaths {
  const below = (name: string): string => join(root, name);
  return {
    root,
    log: below('log'),
    queue: below('queue'),
    blocks: below('blocks'),
    days: below('days'),
    rollups: below('rollups'),
  };
}

/** @throws PlimsollError 'unavailable' where a directory cannot be created. */
export function createDirectories(paths: StorePaths): void {
  for (const path of Object.values(paths)) makeDirectory(path, "the telemetry store's directory");
}
