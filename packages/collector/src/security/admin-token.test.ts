import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN_FILE, loadAdminToken } from './admin-token.ts';
import { authorise } from './authorise.ts';
import { identify } from './identify.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-token-'));
});
afterEach(() => rm(directory, { recursive: true }));
const file = () => path.join(directory, ADMIN_TOKEN_FILE);

describe('loadAdminToken', () => {
  it('makes a token only its owner can read, and keeps it', async () => {
    const token = await loadAdminToken(directory);
    const text = (await readFile(file(), 'utf8')).trim();
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(token.matches(text)).toBe(true);
    expect((await loadAdminToken(directory)).matches(text)).toBe(true);
  });

  it('takes no other token', async () => {
    const token = await loadAdminToken(directory);
    const text = (await readFile(file(), 'utf8')).trim();
    for (const other of ['', text.slice(1), `${text}x`, text.toUpperCase()])
      expect(token.matches(other)).toBe(false);
  });

  it('refuses a file others can read, and an empty one', async () => {
    await loadAdminToken(directory);
    await chmod(file(), 0o644);
    await expect(loadAdminToken(directory)).rejects.toMatchObject({ code: 'configuration' });
    await rm(file());
    await writeFile(file(), '\n', { mode: 0o600 });
    await expect(loadAdminToken(directory)).rejects.toMatchObject({ code: 'configuration' });
  });
});

describe('identify and authorise', () => {
  it('lets an administrator reload, an operator not', async () => {
    const token = await loadAdminToken(directory);
    const text = (await readFile(file(), 'utf8')).trim();
    const operator = identify(null, token);
    const administrator = identify(`bearer ${text}`, token);
    expect(() => authorise(operator, 'incident.change', 'incident 1')).not.toThrow();
    expect(() => authorise(operator, 'configuration.reload', 'x')).toThrow(
      expect.objectContaining({ code: 'permission_denied' }),
    );
    expect(() => authorise(administrator, 'configuration.reload', 'x')).not.toThrow();
  });

  it.each(['Bearer wrong', 'Bearer', 'Basic dXNlcjpwYXNz', ''])('refuses the header "%s"', async (header) => {
    const token = await loadAdminToken(directory);
    expect(() => identify(header, token)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
  });
});
