import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Counterpart } from '../../support/debian.ts';
import { freePort } from '../../support/free-port.ts';
import { ownGoProgram } from '../../support/go-module.ts';
import { repository } from '../../support/program.ts';
import { waitFor } from '../../support/wait-for.ts';

const NODES = 3;

const FLAGS: readonly string[] = [
  `-config.file=${path.join(repository, 'deploy/mimir/mimir.yml')}`,
  '-config.expand-env=true',
  '-log.level=warn',
  // Ready at once instead of after a quarter of a minute that lets others settle.
  '-ingester.ring.min-ready-duration=0s',
];

/** Grafana Mimir, built for tests only: it is under the AGPL and no part of what is shipped. */
export function mimir(): Promise<Counterpart> {
  return ownGoProgram(path.join(import.meta.dirname, 'mimir'), {
    main: 'github.com/grafana/mimir/cmd/mimir',
    tags: 'netgo,stringlabels',
  });
}

/** One process of the cluster, which can be killed and started again over its data. */
export class MimirNode {
  readonly url: string;
  /** What this node alone has: the newest samples. */
  readonly data: string;
  readonly #launch: () => ChildProcess;
  #process: ChildProcess | undefined;
  #log = '';

  constructor(url: string, data: string, launch: () => ChildProcess) {
    this.url = url;
    this.data = data;
    this.#launch = launch;
  }

  /** Resolves when the node says that it takes part. */
  async start(): Promise<void> {
    const child = this.#launch();
    this.#process = child;
    child.stderr?.on('data', (chunk: Buffer) => (this.#log += chunk.toString()));
    const ready = async (): Promise<boolean> =>
      child.exitCode !== null || (await fetch(`${this.url}/ready`)).ok;
    await waitFor('Mimir', ready, 60_000).catch(() => this.kill());
    if (child.exitCode !== null || child.killed) throw new Error(`Mimir did not become ready:\n${this.#log}`);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** SIGSTOP and SIGCONT: it keeps its connections and says nothing. */
  freeze(frozen: boolean): void {
    this.#process?.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Kills it and empties its disk. */
  async lose(): Promise<void> {
    await this.kill();
    await rm(this.data, { recursive: true });
    await mkdir(this.data);
  }

  /** Has it cut what it has into blocks and hand them over to the shared storage. */
  async flush(): Promise<void> {
    const answer = await fetch(`${this.url}/ingester/flush?wait=true`, { method: 'POST' });
    if (!answer.ok) throw new Error(`${this.url} flushed nothing: ${answer.status}`);
  }

  /** How many ingesters this node takes for well. */
  async activeMembers(): Promise<number> {
    const answer = await fetch(`${this.url}/ingester/ring`, { headers: { accept: 'application/json' } });
    const { shards } = (await answer.json()) as { shards: readonly { state: string }[] };
    return shards.filter(({ state }) => state === 'ACTIVE').length;
  }
}

/** Three nodes on this machine with the configuration of `deploy/mimir`, on free ports; further flags come last and win. */
export class MimirCluster implements AsyncDisposable {
  readonly nodes: readonly MimirNode[];
  readonly #directory: string;

  private constructor(directory: string, nodes: readonly MimirNode[]) {
    this.#directory = directory;
    this.nodes = nodes;
  }

  static async start(program: string, flags: readonly string[] = []): Promise<MimirCluster> {
    const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-mimir-'));
    const cluster = new MimirCluster(directory, await layOut(directory, program, flags));
    try {
      await Promise.all(cluster.nodes.map((node) => node.start()));
      await cluster.complete();
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** Waits until each node knows all of them: else the first writes go to fewer. */
  async complete(): Promise<void> {
    await waitFor('the nodes to know each other', async () => {
      const active = await Promise.all(this.nodes.map((node) => node.activeMembers()));
      return active.every((members) => members === NODES);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function layOut(directory: string, program: string, flags: readonly string[]): Promise<MimirNode[]> {
  const gossip = [await freePort(), await freePort(), await freePort()];
  const members = gossip.map((port) => `127.0.0.1:${port}`).join(',');
  const nodes: MimirNode[] = [];
  for (const [i, gossipPort] of gossip.entries()) {
    const NODE = `node${i + 1}`;
    const data = path.join(directory, NODE);
    await mkdir(data);
    const httpPort = await freePort();
    const env = {
      ...process.env,
      NODE,
      ADDRESS: '127.0.0.1',
      HTTP_PORT: String(httpPort),
      GRPC_PORT: String(await freePort()),
      GOSSIP_PORT: String(gossipPort),
      DATA: data,
      SHARED: path.join(directory, 'shared'),
    };
    const launch = (): ChildProcess =>
      spawn(program, [...FLAGS, `-memberlist.join=${members}`, ...flags], {
        cwd: data,
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
    nodes.push(new MimirNode(`http://127.0.0.1:${httpPort}`, data, launch));
  }
  return nodes;
}
