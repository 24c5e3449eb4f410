import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { StorePaths } from '../store-paths.ts';
import type { CutFile } from './writer-protocol.ts';

/** The files that only ever grow, log and blocks, as they are now. Called where nothing appends meanwhile. */
export function cutFiles(paths: StorePaths): CutFile[] {
  return (['log', 'blocks'] as const).flatMap((part) =>
    readdirSync(paths[part])
      .toSorted()
      .map((name) => ({ path: `${part}/${name}`, sizeBytes: statSync(join(paths[part], name)).size })),
  );
}
