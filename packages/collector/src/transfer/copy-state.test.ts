import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NOTHING_COPIED } from './copy-samples.ts';
import { readCopyState, removeCopyState, writeCopyState } from './copy-state.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-state-'));
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

const identity = { from: 'a', to: 'b', matches: ['up'], start: '', end: '1h' };
const state = { identity, startMs: 1, endMs: 9, progress: { nextMs: 5, ...NOTHING_COPIED, samplesRead: 3 } };

it('is found again by the same copy, and by no other', async () => {
  const file = path.join(directory, 'state.json');
  expect(await readCopyState(file, identity)).toBeNull();
  await writeCopyState(file, state);
  expect(await readCopyState(file, identity)).toEqual(state);
  await expect(readCopyState(file, { ...identity, to: 'c' })).rejects.toThrow(
    /belongs to another copy, from a to b/,
  );
  await removeCopyState(file);
  expect(await readCopyState(file, identity)).toBeNull();
});

it('refuses another file, and a place where none can be', async () => {
  const file = path.join(directory, 'other.json');
  await writeFile(file, '{"version": 2}');
  await expect(readCopyState(file, identity)).rejects.toThrow('is no state of a copy');
  await expect(writeCopyState(path.join(directory, 'none', 'x'), state)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('--state'),
  });
});
