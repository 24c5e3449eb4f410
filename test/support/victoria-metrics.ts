import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Counterpart, debianProgram } from './debian.ts';
import { freePort } from './free-port.ts';
import { goProgram } from './go-module.ts';
import { waitFor } from './wait-for.ts';

/** The real server as it is today, from the cache or built. */
export function victoriaMetrics(): Promise<Counterpart> {
  return goProgram({
    module: 'github.com/VictoriaMetrics/VictoriaMetrics',
    version: 'v1.150.0',
    main: 'app/victoria-metrics',
    inCi: true,
  });
}

/** Today's, or else Debian's, which is some years older: it writes the same way, and drops stale markers on export. */
export async function anyVictoriaMetrics(): Promise<Counterpart> {
  const today = await victoriaMetrics();
  return 'missing' in today ? debianProgram('victoria-metrics', 'victoria-metrics') : today;
}

/** A single-node VictoriaMetrics on one port, which can be killed and started again over its data. */
export class VictoriaMetrics implements AsyncDisposable {
  readonly url: string;
  readonly #program: string;
  readonly #directory: string;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(program: string, directory: string, port: number, flags: readonly string[]) {
    this.url = `http://127.0.0.1:${port}`;
    this.#program = program;
    this.#directory = directory;
    this.#flags = flags;
  }

  /** Without a flag of its own it counts a replayed sample once, and keeps what is years old. */
  static async start(
    program: string,
    flags: readonly string[] = ['-dedup.minScrapeInterval=1ms'],
  ): Promise<VictoriaMetrics> {
    const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-victoria-'));
    const server = new VictoriaMetrics(program, directory, await freePort(), flags);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const child = spawn(
      this.#program,
      [
        `-storageDataPath=${this.#directory}`,
        `-httpListenAddr=${new URL(this.url).host}`,
        '-retentionPeriod=10y',
        '-memory.allowedBytes=256MiB',
        '-loggerLevel=ERROR',
        ...this.#flags,
      ],
      { stdio: 'ignore' },
    );
    this.#process = child;
    await waitFor('VictoriaMetrics', async () => {
      if (child.exitCode !== null) throw new Error(`VictoriaMetrics exited with ${child.exitCode}`);
      return (await fetch(`${this.url}/health`)).ok;
    });
  }

  /** SIGSTOP and SIGCONT: it keeps its connections and says nothing. */
  freeze(frozen: boolean): void {
    this.#process?.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Makes what it took visible to queries at once. */
  async flush(): Promise<void> {
    await fetch(`${this.url}/internal/force_flush`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
