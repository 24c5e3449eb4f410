import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sumPages } from '../../../page-sums/checkpoint.ts';
import { listBlockFiles } from '../chunk/block-files.ts';
import type { FileLayer } from '../files.ts';
import type { StorePaths } from '../store-paths.ts';
import type { LeftBehind } from './writer-protocol.ts';

/** Puts right what a writer that died left in the middle of something; done again, it changes nothing. */
export function takeOver(paths: StorePaths, files: FileLayer, { blockEnds, databases }: LeftBehind): void {
  cutBlocks(paths.blocks, files, blockEnds);
  // With a thread its connections end, and SQLite copies their logs back: the checksums do not know of these pages.
  for (const file of databases.map((name) => join(paths.root, name))) {
    const walBytes = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (walBytes === 0 && existsSync(file)) sumPages(file);
  }
}

/** Takes away blocks that nobody was told of: they are sealed again, and found at the next start they would be there twice. */
function cutBlocks(directory: string, files: FileLayer, blockEnds: ReadonlyMap<string, number>): void {
  for (const { name } of listBlockFiles(directory)) {
    const path = join(directory, name);
    const endBytes = blockEnds.get(name) ?? 0;
    if (statSync(path).size <= endBytes) continue;
    if (endBytes === 0) files.remove(path);
    else cut(path, files, endBytes);
  }
  files.syncDirectory(directory);
}

function cut(path: string, files: FileLayer, sizeBytes: number): void {
  const fd = files.openAppend(path);
  try {
    files.truncate(fd, sizeBytes);
    files.datasync(fd);
  } finally {
    files.close(fd);
  }
}
