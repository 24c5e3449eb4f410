import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Counterpart } from './debian.ts';

const run = promisify(execFile);

const PYTHON = 'python3';

const cache = path.join(
  process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'),
  'plimsoll',
  'python',
);

/** Tens of MB from PyPI on a slow line. */
const INSTALL_TIMEOUT_MS = 300_000;

/**
 * Brings what a requirements file with hashes names from PyPI into a cache outside the clone, and answers the folder.
 * Where there is no Python, the tests that need it skip and say why; where there is one but the packages cannot be had,
 * that is an error with CI=true.
 */
export async function pythonPackages(requirements: string): Promise<Counterpart> {
  let version: string;
  try {
    // Wheels are for one version of Python and one platform.
    const { stdout } = await run(PYTHON, [
      '-c',
      'import sys, sysconfig; print(sys.implementation.cache_tag, sysconfig.get_platform(), sep="-")',
    ]);
    version = stdout.trim();
  } catch (error) {
    return missingBecause(`${PYTHON} does not run: ${lastLine(error)}`);
  }
  try {
    return { path: await install(requirements, version) };
  } catch (error) {
    const missing = `${requirements} could not be installed: ${lastLine(error)}`;
    if (process.env['CI'] === 'true') throw new Error(missing, { cause: error });
    return missingBecause(missing);
  }
}

/** Runs a script with packages from `pythonPackages` and answers what it prints. */
export async function runPython(packages: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(PYTHON, ['-s', '-B', ...args], {
    env: { ...process.env, PYTHONPATH: packages },
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** Installs beside the place and moves there, so that an interrupted installation leaves no half one. */
async function install(requirements: string, version: string): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 16);
  const directory = path.join(cache, `${version}-${hash}`);
  if (await exists(directory)) return directory;
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(path.join(cache, 'install-'));
  try {
    const wanted = ['--require-hashes', '--only-binary', ':all:', '--requirement', requirements];
    await run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--no-input', '--target', staging, ...wanted], {
      timeout: INSTALL_TIMEOUT_MS,
    });
    await rename(staging, directory);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return directory;
}

function missingBecause(missing: string): Counterpart {
  console.warn(missing);
  return { missing };
}

function lastLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const output = 'stderr' in error ? String(error.stderr).trim() : '';
  return (output === '' ? error.message : output).split('\n').at(-1) ?? '';
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
