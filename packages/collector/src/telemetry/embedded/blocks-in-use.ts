import type { BlockLocation } from './chunk/block-files.ts';
import type { Head } from './head/head.ts';
import type { RecentBlocks } from './recent-blocks.ts';

/** Up to where each file of blocks holds any that the store was told of. */
export function blocksInUse(head: Head, recent: RecentBlocks): Map<string, number> {
  const ends = new Map<string, number>();
  const note = (location: BlockLocation | null | undefined): void => {
    if (location === null || location === undefined) return;
    const { file, offset, length } = location;
    ends.set(file, Math.max(ends.get(file) ?? 0, offset + length));
  };
  for (const windowStartMs of recent.windows()) {
    const { frames, loose } = recent.blocksOf(windowStartMs);
    for (const block of [...frames, ...loose]) note(block.location);
  }
  // Of a block of which another layer is still to be sealed.
  for (const set of head.sets()) {
    for (const block of set.blocks) for (const layer of block.sealed) note(layer?.location);
  }
  return ends;
}
