import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FailingFiles } from '../failing-files.ts';
import { FRAME_HEAD_BYTES } from '../framing.ts';
import { type BlockLocation, BlockFiles, BlockReader } from './block-files.ts';

let directory: string;
let files: FailingFiles;
let blocks: BlockFiles;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-blocks-'));
  files = new FailingFiles('EIO');
  blocks = new BlockFiles(directory, files);
});
afterEach(() => {
  blocks.finishAll();
  rmSync(directory, { recursive: true, force: true });
});

function append(windowStartMs: number, byte: number): BlockLocation {
  return blocks.append(windowStartMs, new Uint8Array(FRAME_HEAD_BYTES + 5).fill(byte));
}

function read(location: BlockLocation): number[] {
  using reader = new BlockReader(directory);
  return Array.from(reader.read(location));
}

describe('BlockFiles', () => {
  it('begins another file for a window whose file was removed', () => {
    const first = append(0, 1);
    blocks.sync();
    blocks.remove([first.file]);
    const second = append(0, 2);
    blocks.sync();
    expect(readdirSync(directory)).toEqual([second.file]);
    expect(read(second)).toEqual([2, 2, 2, 2, 2]);
  });

  it('keeps what was synced before a failure and nothing behind it', () => {
    const first = append(0, 1);
    blocks.sync();
    append(0, 2);
    append(7_200_000, 3);
    files.failAt(1, false);
    expect(() => blocks.sync()).toThrow('EIO');
    blocks.finishAll();
    expect(readdirSync(directory)).toEqual([first.file]);
    expect(read(first)).toEqual([1, 1, 1, 1, 1]);
    expect(() => read({ ...first, offset: first.offset + first.length + FRAME_HEAD_BYTES })).toThrow(
      'ends within',
    );
  });

  it('takes away later what it could not at once', () => {
    append(0, 1);
    files.failAt(1, true);
    expect(() => blocks.sync()).toThrow('EIO');
    blocks.finishAll();
    expect(readdirSync(directory)).toHaveLength(1);
    files.heal();
    const second = append(0, 2);
    blocks.sync();
    expect(readdirSync(directory)).toEqual([second.file]);
  });
});
