import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAddress, isPath, pathOf } from './endpoint-address.ts';

let directory: string;
const before = process.cwd();
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-address-'));
});
afterAll(() => {
  process.chdir(before);
  rmSync(directory, { recursive: true });
});

const expectOne = (address: string) => () => expectAddress({ address, tokenFlag: '--to.token-file' });

it.each([
  ['127.0.0.1:8428', 'http://127.0.0.1:8428'],
  ['victoria:8428', 'http://victoria:8428'],
  ['victoria:8428/prefix', 'http://victoria:8428/prefix'],
  ['[::1]:9090', 'http://[::1]:9090'],
  [':9090', 'http://localhost:9090'],
  ['localhost', 'http://localhost'],
  ['10.0.0.7', 'http://10.0.0.7'],
  ['metrics.example.org', 'http://metrics.example.org'],
  ['metrics.example.org/select/0', 'http://metrics.example.org/select/0'],
  ['//victoria:8428', 'http://victoria:8428'],
  ['http:victoria:8428', 'http://victoria:8428'],
  ['http:/victoria:8428', 'http://victoria:8428'],
])('%s is no path by accident', (address, hint) => {
  expect(expectOne(address)).toThrow(`write ${hint} for the server, or dir:${address} for a directory`);
});

it.each([
  './data',
  'data',
  'data.new',
  'a/b:9090',
  '/srv/plimsoll',
  'dir:victoria:8428',
  '../x',
  'v1.2/data',
])('%s is a path', (address) => {
  expect(expectOne(address)).not.toThrow();
  expect(isPath(address)).toBe(true);
  expect(pathOf(address)).toBe(address.replace('dir:', ''));
});

it('a directory that exists is one, whatever its name', () => {
  process.chdir(directory);
  mkdirSync('victoria:8428');
  expect(expectOne('victoria:8428')).not.toThrow();
});

it.each([
  ['ftp://victoria', 'is no address: write it like http://'],
  ['http://', 'is no address: write it like http://'],
  [
    'http://ann:secret@victoria:8428',
    'has a password in it, which other users of this machine can see: use --to.token-file',
  ],
])('%s is refused', (address, words) => {
  expect(expectOne(address)).toThrow(words);
  expect(isPath(address)).toBe(false);
});
