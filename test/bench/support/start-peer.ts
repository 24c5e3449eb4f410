import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Counterpart } from '../../support/debian.ts';
import { freePort } from '../../support/free-port.ts';
import { type GoModule, goProgram } from '../../support/go-module.ts';
import { waitFor } from '../../support/wait-for.ts';

/** A server with Prometheus' API that is measured. */
export interface Measured {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

interface Peer {
  readonly name: string;
  /** Names the program to run, where it is not built from its module. */
  readonly variable: string;
  readonly module: GoModule;
  /** Path that answers 200 when the server is ready. */
  readonly readyPath: string;
  readonly args: (directory: string, address: string) => readonly string[];
}

export const peers: readonly Peer[] = [
  {
    name: 'VictoriaMetrics',
    variable: 'PLIMSOLL_BENCH_VICTORIAMETRICS',
    module: {
      module: 'github.com/VictoriaMetrics/VictoriaMetrics',
      version: 'v1.150.0',
      main: 'app/victoria-metrics',
    },
    readyPath: '/health',
    args: (directory, address) => [
      `-storageDataPath=${path.join(directory, 'data')}`,
      `-httpListenAddr=${address}`,
      '-retentionPeriod=30d',
      // Every query is evaluated, at exactly the times asked for.
      '-search.disableCache',
      '-search.latencyOffset=0s',
    ],
  },
  {
    name: 'Prometheus',
    variable: 'PLIMSOLL_BENCH_PROMETHEUS',
    module: {
      module: 'github.com/prometheus/prometheus',
      version: 'v0.316.0',
      main: 'cmd/prometheus',
      // Without it the build needs the libraries of every cloud.
      tags: 'remove_all_sd',
    },
    readyPath: '/-/ready',
    args: (directory, address) => [
      `--config.file=${path.join(directory, 'empty.yml')}`,
      `--storage.tsdb.path=${path.join(directory, 'data')}`,
      `--web.listen-address=${address}`,
      '--web.enable-remote-write-receiver',
    ],
  },
];

/** The program named in the environment, else the one built from its module. */
export async function peerProgram({ variable, module }: Peer): Promise<Counterpart> {
  const named = process.env[variable];
  return named === undefined ? goProgram(module) : { path: named };
}

/** Starts an empty server on a free port. */
export async function startPeer(
  peer: Peer,
  program: string,
): Promise<Measured & { readonly dataPath: string } & AsyncDisposable> {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-peer-'));
  await writeFile(path.join(directory, 'empty.yml'), '');
  const address = `127.0.0.1:${await freePort()}`;
  const server = spawn(program, peer.args(directory, address), {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exited = once(server, 'exit');
  const end = async (): Promise<void> => {
    server.kill();
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await waitFor(
      `${peer.name} to be ready`,
      async () => (await fetch(`http://${address}${peer.readyPath}`)).ok,
      60_000,
    );
    if (server.pid === undefined) throw new Error(`${peer.name} has no process`);
    return {
      name: peer.name,
      url: `http://${address}`,
      pid: server.pid,
      dataPath: path.join(directory, 'data'),
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw new Error(`${peer.name} did not become ready:\n${log}`, { cause: error });
  }
}
