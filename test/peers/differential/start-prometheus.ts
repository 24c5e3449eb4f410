import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { waitFor } from '../../support/wait-for.ts';

export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  /** What it has logged so far. */
  readonly log: () => string;
}

/** A Prometheus that takes remote writes. `files` are put beside its configuration, by name; `args` are further flags. */
export async function startPrometheus(
  program: string,
  config: string,
  files: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<Prometheus> {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-prometheus-'));
  for (const [name, text] of Object.entries({ ...files, 'prometheus.yml': config })) {
    await writeFile(path.join(directory, name), text);
  }
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = spawn(
    program,
    [
      `--config.file=${path.join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(directory, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--web.enable-remote-write-receiver',
      ...args,
    ],
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exited = once(server, 'exit');
  const end = async (): Promise<void> => {
    server.kill();
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await waitFor('Prometheus to be ready', async () => (await fetch(`${url}/-/ready`)).ok, 60_000);
  } catch (error) {
    await end();
    throw new Error(`Prometheus did not become ready:\n${log}`, { cause: error });
  }
  return { url, log: () => log, [Symbol.asyncDispose]: end };
}
