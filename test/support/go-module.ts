import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { long } from './budget.ts';
import type { Counterpart } from './debian.ts';

const run = promisify(execFile);

const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'plimsoll', 'go');

/** A build takes minutes on a cold module cache; one that takes longer than this hangs. */
const BUILD_TIMEOUT_MS = 900_000;

export interface GoModule {
  readonly module: string;
  readonly version: string;
  /** The main package inside the module; the program has its last part's name. */
  readonly main: string;
  readonly tags?: string;
}

/**
 * Answers a Go program from a cache outside the clone. It is built there from its module in the long run only: a build
 * takes longer than a developer waits. Where it cannot be had, the tests that need it skip and say why, with CI=true too.
 */
export async function goProgram(wanted: GoModule): Promise<Counterpart> {
  const directory = path.join(cache, `${wanted.module}@${wanted.version}`);
  const program = path.join(directory, path.posix.basename(wanted.main));
  if (await exists(program)) return { path: program };
  try {
    if (!long) throw new Error('`npm run test:long` builds it');
    await build(wanted, directory, program);
    return { path: program };
  } catch (error) {
    const missing = `${path.basename(program)} ${wanted.version} is not built: ${reasonOf(error)}`;
    console.warn(missing);
    return { missing };
  }
}

/** Builds into a directory of its own, so that an interrupted build leaves no half program in the cache. */
async function build({ module, version, main, tags }: GoModule, directory: string, program: string) {
  await mkdir(directory, { recursive: true });
  const staging = await mkdtemp(path.join(directory, 'build-'));
  try {
    await run('go', ['install', ...(tags ? ['-tags', tags] : []), `${module}/${main}@${version}`], {
      cwd: staging,
      env: { ...process.env, GOBIN: staging },
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(path.join(staging, path.basename(program)), program);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT') return 'Go is not on PATH';
  const output = 'stderr' in error ? String(error.stderr).trim() : '';
  return (output === '' ? error.message : output).split('\n').at(-1)?.trim() ?? '';
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
