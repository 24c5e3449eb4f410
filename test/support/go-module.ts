import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
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
export async function goProgram({ module, version, main, tags }: GoModule): Promise<Counterpart> {
  const program = path.join(cache, `${module}@${version}`, path.posix.basename(main));
  return buildOnce(program, version, (staging) => ({
    args: ['install', ...tagged(tags), `${module}/${main}@${version}`],
    cwd: staging,
  }));
}

/** What to build in a folder of our own: a package of another module where that one cannot be installed by itself. */
export interface OwnBuild {
  readonly main?: string;
  readonly tags?: string;
}

/** The same for a folder with a go.mod of our own, whose files say which build is wanted. The program has the folder's name. */
export async function ownGoProgram(
  folder: string,
  { main = '.', tags }: OwnBuild = {},
): Promise<Counterpart> {
  const hash = createHash('sha256');
  for (const file of (await readdir(folder)).toSorted()) hash.update(await readFile(path.join(folder, file)));
  const version = hash.digest('hex').slice(0, 16);
  const name = path.basename(folder);
  return buildOnce(path.join(cache, 'own', version, name), version, (staging) => ({
    args: ['build', '-mod=readonly', ...tagged(tags), '-o', path.join(staging, name), main],
    cwd: folder,
  }));
}

function tagged(tags: string | undefined): readonly string[] {
  return tags === undefined ? [] : ['-tags', tags];
}

/** What to ask of Go so that the program is in the folder for staging afterwards. */
type Build = (staging: string) => { readonly args: readonly string[]; readonly cwd: string };

async function buildOnce(program: string, version: string, build: Build): Promise<Counterpart> {
  if (await exists(program)) return { path: program };
  try {
    if (!long) throw new Error('`npm run test:long` builds it');
    await runBuild(program, build);
    return { path: program };
  } catch (error) {
    const missing = `${path.basename(program)} ${version} is not built: ${reasonOf(error)}`;
    console.warn(missing);
    return { missing };
  }
}

/** Builds into a directory of its own, so that an interrupted build leaves no half program in the cache. */
async function runBuild(program: string, build: Build): Promise<void> {
  const directory = path.dirname(program);
  await mkdir(directory, { recursive: true });
  const staging = await mkdtemp(path.join(directory, 'build-'));
  try {
    const { args, cwd } = build(staging);
    await run('go', args, {
      cwd,
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
