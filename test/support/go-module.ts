import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir, setPriority } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { long } from './budget.ts';
import type { Counterpart } from './debian.ts';
import { waitFor } from './wait-for.ts';

const run = promisify(execFile);

const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'plimsoll', 'go');

/** A build takes minutes on a cold module cache; one that takes longer than this hangs. */
const BUILD_TIMEOUT_MS = 900_000;

/** Behind whatever else the machine does. */
const BUILD_PRIORITY = 10;

const ci = process.env['CI'] === 'true';

export interface GoModule {
  readonly module: string;
  readonly version: string;
  /** The main package inside the module; the program has its last part's name. */
  readonly main: string;
  readonly tags?: string;
  /** Whether CI builds it where it is not in the cache yet: what takes a few minutes from nothing. */
  readonly inCi?: boolean;
}

/**
 * Answers a Go program from a cache outside the clone. It is built there from its module in the long run and, where that
 * was asked for, with CI=true: a build takes longer than a developer waits. Elsewhere, and where there is no Go, the tests
 * that need it skip and say why; where there is Go but the build fails, that is an error with CI=true.
 */
export async function goProgram({ module, version, main, tags, inCi }: GoModule): Promise<Counterpart> {
  const program = path.join(cache, `${module}@${version}`, path.posix.basename(main));
  return buildOnce({ program, version, inCi }, (staging) => ({
    args: ['install', ...tagged(tags), `${module}/${main}@${version}`],
    cwd: staging,
  }));
}

/** What to build in a folder of our own: a package of another module where that one cannot be installed by itself. */
export interface OwnBuild {
  readonly main?: string;
  readonly tags?: string;
  readonly inCi?: boolean;
}

/** The same for a folder with a go.mod of our own, whose files say which build is wanted. The program has the folder's name. */
export async function ownGoProgram(
  folder: string,
  { main = '.', tags, inCi }: OwnBuild = {},
): Promise<Counterpart> {
  const hash = createHash('sha256');
  for (const file of (await readdir(folder)).toSorted()) hash.update(await readFile(path.join(folder, file)));
  const version = hash.digest('hex').slice(0, 16);
  const name = path.basename(folder);
  const program = path.join(cache, 'own', version, name);
  return buildOnce({ program, version, inCi }, (staging) => ({
    args: ['build', '-mod=readonly', ...tagged(tags), '-o', path.join(staging, name), main],
    cwd: folder,
  }));
}

function tagged(tags: string | undefined): readonly string[] {
  return tags === undefined ? [] : ['-tags', tags];
}

/** What to ask of Go so that the program is in the folder for staging afterwards. */
type Build = (staging: string) => { readonly args: readonly string[]; readonly cwd: string };

interface Wanted {
  readonly program: string;
  readonly version: string;
  readonly inCi: boolean | undefined;
}

async function buildOnce({ program, version, inCi = false }: Wanted, build: Build): Promise<Counterpart> {
  if (await exists(program)) return { path: program };
  try {
    if (!long && !(inCi && ci))
      throw new Error(`${inCi ? 'CI=true or ' : ''}\`npm run test:long\` builds it`);
    await mkdir(path.dirname(program), { recursive: true });
    // One at a time over all processes; SQLite's lock ends with whoever held it.
    using lock = new DatabaseSync(`${program}.lock`);
    await waitFor('another build to end', () => lock.exec('BEGIN EXCLUSIVE') === undefined, BUILD_TIMEOUT_MS);
    if (!(await exists(program))) await runBuild(program, build);
    return { path: program };
  } catch (error) {
    const missing = `${path.basename(program)} ${version} is not built: ${reasonOf(error)}`;
    if (inCi && ci && !isWithoutGo(error)) throw new Error(missing, { cause: error });
    console.warn(missing);
    return { missing };
  }
}

/** Builds into a directory of its own, so that an interrupted build leaves no half program in the cache. */
async function runBuild(program: string, build: Build): Promise<void> {
  const staging = await mkdtemp(path.join(path.dirname(program), 'build-'));
  try {
    const { args, cwd } = build(staging);
    const building = run('go', args, {
      cwd,
      env: { ...process.env, GOBIN: staging },
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
    if (building.child.pid !== undefined) setPriority(building.child.pid, BUILD_PRIORITY);
    // Tests that end earlier leave no build behind.
    const abandon = (): void => void building.child.kill();
    process.once('exit', abandon);
    await building.finally(() => process.off('exit', abandon));
    await rename(path.join(staging, path.basename(program)), program);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function isWithoutGo(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'spawn go';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isWithoutGo(error)) return 'Go is not on PATH';
  const output = 'stderr' in error ? String(error.stderr).trim() : '';
  return (output === '' ? error.message : output).split('\n').at(-1)?.trim() ?? '';
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
