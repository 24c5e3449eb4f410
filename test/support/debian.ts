import { execFile } from 'node:child_process';
import { access, mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A real counterpart, or why there is none. */
export type Counterpart = { readonly path: string } | { readonly missing: string };

const cache = path.join(
  process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'),
  'plimsoll',
  'debian',
);

/**
 * Finds a program on PATH, else brings its Debian package without root into a cache outside the clone. With CI=true a
 * program that cannot be had is an error; elsewhere the tests that need it skip and say why.
 */
export async function debianProgram(packageName: string, program: string): Promise<Counterpart> {
  const found = await findOnPath(program);
  if (found !== undefined) return { path: found };
  try {
    return { path: await fromPackage(packageName, program) };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const missing = `${program} could not be brought (Debian package ${packageName}): ${reason}`;
    if (process.env['CI'] === 'true') throw new Error(missing, { cause: error });
    console.warn(missing);
    return { missing };
  }
}

async function findOnPath(program: string): Promise<string | undefined> {
  for (const directory of (process.env['PATH'] ?? '').split(':')) {
    const candidate = path.join(directory, program);
    if (await exists(candidate)) return candidate;
  }
  return undefined;
}

async function fromPackage(packageName: string, program: string): Promise<string> {
  const unpacked = path.join(cache, packageName);
  const binary = path.join(unpacked, 'usr/bin', program);
  if (await exists(binary)) return binary;
  const downloads = path.join(cache, 'archives');
  await mkdir(path.join(downloads, 'partial'), { recursive: true });
  await download(packageName, downloads);
  const archive = (await readdir(downloads)).find(
    (file) => file.startsWith(`${packageName}_`) && file.endsWith('.deb'),
  );
  if (archive === undefined) throw new Error(`apt-get downloaded no archive of ${packageName}`);
  await run('dpkg-deb', ['-x', path.join(downloads, archive), unpacked]);
  return binary;
}

/** The system's package lists may be missing or unreadable: private ones are made then. */
async function download(packageName: string, directory: string): Promise<void> {
  const options = { cwd: directory, timeout: 120_000 };
  try {
    await run('apt-get', ['download', packageName], options);
  } catch {
    const state = path.join(cache, 'state');
    await mkdir(path.join(state, 'lists/partial'), { recursive: true });
    const dirs = [
      '-o',
      `Dir::State=${state}`,
      '-o',
      `Dir::Cache=${cache}/apt`,
      '-o',
      'Dir::State::status=/var/lib/dpkg/status',
    ];
    await mkdir(path.join(cache, 'apt/archives/partial'), { recursive: true });
    await run('apt-get', [...dirs, 'update', '-qq'], options);
    await run('apt-get', [...dirs, 'download', packageName], options);
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
