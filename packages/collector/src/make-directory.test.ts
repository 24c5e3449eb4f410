import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDirectory } from './make-directory.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'plimsoll-directory-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('makeDirectory', () => {
  it('makes what is missing, and takes what is there', () => {
    const directory = path.join(root, 'a', 'b');
    makeDirectory(directory, '--storage.path');
    makeDirectory(directory, '--storage.path');
    expect(statSync(directory).isDirectory()).toBe(true);
  });

  it('refuses a file in its place or above it', () => {
    const file = path.join(root, 'file');
    writeFileSync(file, '');
    expect(() => makeDirectory(file, '--storage.path')).toThrow(
      /^--storage.path: cannot make .*it is a file/,
    );
    expect(() => makeDirectory(path.join(file, 'below'), 'x')).toThrow('a part of the path is a file');
  });

  it.skipIf(process.platform !== 'linux')('refuses a path in procfs at once', () => {
    expect(() => makeDirectory('/proc/plimsoll/data', 'x')).toThrow(
      'x: cannot make /proc/plimsoll/data: its file system takes no new directories',
    );
  });
});
