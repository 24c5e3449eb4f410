import { type ChildProcess, spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import type { FromAgent, ToAgent } from './agent-messages.ts';
import { childEntry } from './child-entry.ts';
import type { HostFacts } from './facts.ts';
import {
  INVENTORY_INTERVAL_MS,
  READY_TIMEOUT_MS,
  RESTART_CAP_MS,
  RESTART_FIRST_MS,
  STOP_TIMEOUT_MS,
} from './limits.ts';
import type { Log } from './log.ts';
import { makeSpoolDirectory } from './make-spool-directory.ts';
import type { AgentOptions } from './options.ts';
import { runInventory } from './run-inventory.ts';
import { StartError } from './start-error.ts';

export interface SupervisedAgent extends AsyncDisposable {
  /** Fulfilled when the agent has made its first collection; rejected with StartError when it cannot start. */
  readonly ready: Promise<{ readonly url: string }>;
  /** Fulfilled with the exit code once no agent runs and none will be started. */
  readonly exited: Promise<number>;
}

/**
 * Runs the agent as a child process under Node's permission model: it reads everything, writes only its spool and
 * starts no process. What it may not do is done here: taking the inventory, and starting it again when it crashed.
 */
export async function superviseAgent(options: AgentOptions, log: Log): Promise<SupervisedAgent> {
  makeSpoolDirectory(options.spoolPath);
  return new Supervisor({ ...options, spoolPath: realpathSync(options.spoolPath) }, log);
}

class Supervisor implements SupervisedAgent {
  readonly ready: Promise<{ readonly url: string }>;
  readonly exited: Promise<number>;
  readonly #log: Log;
  readonly #ready = Promise.withResolvers<{ readonly url: string }>();
  readonly #exited = Promise.withResolvers<number>();
  readonly #inventoryAbort = new AbortController();
  readonly #inventoryTimer: NodeJS.Timeout;
  #options: AgentOptions;
  #child: ChildProcess | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  #restartMs = RESTART_FIRST_MS;
  #wasReady = false;
  #stopping = false;
  #facts: HostFacts | undefined;

  constructor(options: AgentOptions, log: Log) {
    this.#options = options;
    this.#log = log;
    this.ready = this.#ready.promise;
    this.exited = this.#exited.promise;
    // A caller may look at `exited` alone.
    this.ready.catch(() => undefined);
    this.#start();
    void this.#takeInventory();
    this.#inventoryTimer = setInterval(() => void this.#takeInventory(), INVENTORY_INTERVAL_MS);
    this.#inventoryTimer.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#inventoryTimer);
    clearTimeout(this.#restartTimer);
    this.#inventoryAbort.abort();
    const child = this.#child;
    if (child === undefined) {
      this.#end(0);
    } else {
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await this.exited;
      clearTimeout(killer);
    }
  }

  #start(): void {
    const entry = childEntry('agent-main');
    const child = spawn(process.execPath, [...nodeFlags(entry, this.#options), entry], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    const hung = setTimeout(() => child.kill('SIGKILL'), READY_TIMEOUT_MS);
    let failure: { message: string; exitCode: number } | undefined;
    child.on('message', (message: FromAgent) => {
      if (message.kind === 'failed') failure = message;
      else {
        clearTimeout(hung);
        this.#becameReady(message.url);
      }
    });
    child.on('error', (error) => {
      failure = { message: `cannot start the agent's process: ${error.message}`, exitCode: 1 };
      if (child.pid === undefined) this.#ended(failure, 1);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(hung);
      const cause = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
      this.#ended(failure ?? { message: `the agent ${cause}`, exitCode: code ?? 1 }, code);
    });
    this.#send({ kind: 'start', options: this.#options });
    if (this.#facts !== undefined) this.#send({ kind: 'facts', facts: this.#facts });
  }

  #becameReady(url: string): void {
    this.#wasReady = true;
    this.#restartMs = RESTART_FIRST_MS;
    // A restarted agent keeps the address that was told.
    this.#options = { ...this.#options, webListenAddress: new URL(url).host };
    this.#ready.resolve({ url });
  }

  #ended(failure: { message: string; exitCode: number }, code: number | null): void {
    this.#child = undefined;
    if (this.#stopping) {
      this.#end(code ?? 0);
      return;
    }
    if (!this.#wasReady) {
      this.#ready.reject(new StartError(reasonOf(failure.exitCode), failure.message));
      this.#end(failure.exitCode);
      return;
    }
    this.#log.error({ ...failure, restartInMs: this.#restartMs }, 'the agent has ended and is started again');
    this.#restartTimer = setTimeout(() => this.#start(), this.#restartMs);
    this.#restartMs = Math.min(RESTART_CAP_MS, this.#restartMs * 2);
  }

  #end(code: number): void {
    clearInterval(this.#inventoryTimer);
    this.#inventoryAbort.abort();
    this.#ready.reject(new StartError('runtime', 'the agent was stopped before it was ready'));
    this.#exited.resolve(code);
  }

  async #takeInventory(): Promise<void> {
    try {
      this.#facts = await runInventory(this.#inventoryAbort.signal);
      this.#send({ kind: 'facts', facts: this.#facts });
    } catch (error) {
      if (!this.#stopping) this.#log.warn({ err: error }, 'the inventory of this host could not be taken');
    }
  }

  #send(message: ToAgent): void {
    // The child may be gone, which its exit tells; the callback keeps the failed send from being thrown.
    if (this.#child?.connected === true) this.#child.send(message, () => undefined);
  }
}

/** Flags of Node for the agent's process, whose code is in `entry`. */
function nodeFlags(entry: string, { spoolPath }: AgentOptions): string[] {
  const flags: string[] = [];
  // Leaves out compiler and WebAssembly, which saves 9 MiB and costs nothing at one collection in ten seconds. Sources
  // need WebAssembly, to have their types stripped.
  if (entry.endsWith('.js')) flags.push('--lite-mode');
  // Elsewhere than on Linux the numbers come from processes.
  if (process.platform !== 'linux') return flags;
  return [
    ...flags,
    '--permission',
    '--allow-net',
    '--allow-fs-read=*',
    `--allow-fs-write=${spoolPath}/*`,
    // Network permission is new in Node and says so at each start.
    '--disable-warning=ExperimentalWarning',
  ];
}

function reasonOf(exitCode: number): 'runtime' | 'locked' | 'configuration' {
  if (exitCode === 75) return 'locked';
  return exitCode === 78 ? 'configuration' : 'runtime';
}
