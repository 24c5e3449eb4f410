import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { long } from './budget.ts';
import type { Counterpart } from './debian.ts';

const run = promisify(execFile);

const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'plimsoll', 'npm');

const INSTALL_TIMEOUT_MS = 300_000;

/**
 * A library that only the long run needs, too large for a dependency: brought from npm into a cache outside the clone.
 * Answers the path of its entry. Where it cannot be had, the tests that need it skip and say why.
 */
export async function npmModule(name: string, version: string, entry: string): Promise<Counterpart> {
  const directory = path.join(cache, `${name.replaceAll('/', '-')}@${version}`);
  const file = path.join(directory, 'node_modules', name, entry);
  if (existsSync(file)) return { path: file };
  try {
    if (!long) throw new Error('`npm run test:long` brings it');
    await install(`${name}@${version}`, directory);
    return { path: file };
  } catch (error) {
    const missing = `${name} ${version} is not there: ${error instanceof Error ? error.message : String(error)}`;
    console.warn(missing);
    return { missing };
  }
}

/** In a directory of its own, so that an interrupted installation leaves no half library in the cache. */
async function install(wanted: string, directory: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(path.join(cache, 'install-'));
  try {
    await writeFile(path.join(staging, 'package.json'), '{}');
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', wanted], {
      cwd: staging,
      timeout: INSTALL_TIMEOUT_MS,
    });
    await rename(staging, directory);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
