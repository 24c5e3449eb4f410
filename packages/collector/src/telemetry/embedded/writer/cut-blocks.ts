import { statSync } from 'node:fs';
import { join } from 'node:path';
import { listBlockFiles } from '../chunk/block-files.ts';
import type { FileLayer } from '../files.ts';

/**
 * Takes away blocks of a writer that died that nobody was told of: they are sealed again, and found at the next start
 * they would be there twice. Done again, it changes nothing.
 */
export function cutBlocks(directory: string, files: FileLayer, blockEnds: ReadonlyMap<string, number>): void {
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
