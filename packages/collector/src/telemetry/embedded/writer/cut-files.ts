import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { StorePaths } from '../store-paths.ts';
import type { CutFile } from './writer-protocol.ts';

/** The files that only ever grow, log and blocks, as they are now. Called where nothing appends meanwhile. */
export function cutFiles(paths: StorePaths): CutFile[] {
  return (['log', 'queue', 'blocks'] as const).flatMap((part) =>
    (existsSync(paths[part]) ? readdirSync(paths[part]) : []).toSorted().flatMap((name) => {
      // A segment of the queue goes as soon as it was forwarded.
      const stat = statSync(join(paths[part], name), { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ path: `${part}/${name}`, sizeBytes: stat.size }];
    }),
  );
}
