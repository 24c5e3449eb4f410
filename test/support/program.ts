import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitFor } from './wait-for.ts';

export const repository: string = path.resolve(import.meta.dirname, '../..');

/** A started `./plimsoll` process. */
export interface Program extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly storagePath: string;
  /** Base URL of the collector's web port, '' where the command has none. */
  readonly web: string;
  readonly grpc: string;
  readonly agent: string;
  /** Everything printed so far, both streams. */
  readonly output: () => string;
  /** Sends SIGKILL and waits for the end. Only the process itself, as a crash would. */
  kill(): Promise<void>;
  /** Sends SIGTERM and answers the exit code. */
  stop(): Promise<number>;
}

export interface ProgramOptions {
  readonly command?: 'start' | 'collector';
  readonly args?: readonly string[];
  readonly storagePath?: string;
  /** Where configuration and files go; a temporary one unless given. A program started again finds them there: a rule is known by its file's path. */
  readonly directory?: string;
  /** Written to a file and given as --config.file. */
  readonly config?: string;
  /** Further files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** A command to run it under, which must end by executing its arguments. */
  readonly under?: readonly string[];
}

/** Starts the built program on free ports and waits for its ready line. */
export async function startProgram(options: ProgramOptions = {}): Promise<Program> {
  const directory = options.directory ?? (await mkdtemp(path.join(tmpdir(), 'plimsoll-e2e-')));
  const storagePath = options.storagePath ?? path.join(directory, 'data');
  const args = await programArgs(options, directory, storagePath);
  const [command = '', ...rest] = [...(options.under ?? []), path.join(repository, 'plimsoll'), ...args];
  const child = spawn(command, rest, {
    cwd: directory,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit');
  const ready = await waitFor(
    `the ready line of plimsoll ${args.join(' ')}`,
    () => /^plimsoll ready (.*)$/m.exec(output)?.[1] ?? (hasEnded(child) ? 'never' : undefined),
    60_000,
  ).catch(() => 'never');
  if (ready === 'never') {
    child.kill('SIGKILL');
    const code = child.exitCode === null ? '' : ` and exited with ${child.exitCode}`;
    throw new Error(`plimsoll did not become ready${code}:\n${output}`);
  }
  const bound = Object.fromEntries(ready.split(' ').map((part) => part.split('=') as [string, string]));
  const end = async (signal: NodeJS.Signals): Promise<number> => {
    if (!hasEnded(child)) child.kill(signal);
    await exited;
    return child.exitCode ?? 128;
  };
  return {
    process: child,
    storagePath,
    web: bound['web'] ?? '',
    grpc: bound['grpc'] ?? '',
    agent: bound['agent'] ?? '',
    output: () => output,
    kill: async () => void (await end('SIGKILL')),
    stop: async () => end('SIGTERM'),
    async [Symbol.asyncDispose]() {
      await end('SIGTERM');
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function programArgs(
  options: ProgramOptions,
  directory: string,
  storagePath: string,
): Promise<string[]> {
  const command = options.command ?? 'start';
  const args = [command, '--storage.path', storagePath, ...(options.args ?? [])];
  const defaults: [string, string][] = [
    ['--web.listen-address', '127.0.0.1:0'],
    ['--grpc.listen-address', '127.0.0.1:0'],
  ];
  if (command === 'start') defaults.push(['--agent.web.listen-address', '127.0.0.1:0']);
  for (const [flag, value] of defaults) if (!args.includes(flag)) args.push(flag, value);
  for (const [name, text] of Object.entries(options.files ?? {}))
    await writeFile(path.join(directory, name), text);
  if (options.config !== undefined) {
    const file = path.join(directory, 'plimsoll.yml');
    await writeFile(file, options.config);
    args.push('--config.file', file);
  }
  return args;
}

/** Runs a command of the program to its end. */
export async function runProgram(
  args: readonly string[],
  options: { cwd?: string; timeoutMs?: number } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(path.join(repository, 'plimsoll'), args, {
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 30_000,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode ?? 128, stdout, stderr };
}

/** GET as JSON; a status that is not 2xx is an error with the body in it. */
export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
