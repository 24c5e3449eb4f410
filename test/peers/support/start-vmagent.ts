import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { waitFor } from '../../support/wait-for.ts';

export interface VmAgent extends AsyncDisposable {
  /** What it has logged so far. */
  readonly log: () => string;
}

/** A vmagent that scrapes what its configuration names and writes it to the collector at base URL `url`. */
export async function startVmAgent(
  program: string,
  url: string,
  config: string,
  args: readonly string[] = [],
): Promise<VmAgent> {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-vmagent-'));
  await writeFile(path.join(directory, 'scrape.yml'), config);
  const address = `127.0.0.1:${await freePort()}`;
  const agent = spawn(
    program,
    [
      `-promscrape.config=${path.join(directory, 'scrape.yml')}`,
      `-remoteWrite.url=${url}/api/v1/write`,
      `-remoteWrite.tmpDataPath=${path.join(directory, 'queue')}`,
      '-remoteWrite.flushInterval=500ms',
      `-httpListenAddr=${address}`,
      ...args,
    ],
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  agent.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exited = once(agent, 'exit');
  const end = async (): Promise<void> => {
    // It would try for a minute to send what a refusing server left it with.
    agent.kill('SIGKILL');
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await waitFor('vmagent to be ready', async () => (await fetch(`http://${address}/health`)).ok, 60_000);
  } catch (error) {
    await end();
    throw new Error(`vmagent did not become ready:\n${log}`, { cause: error });
  }
  return { log: () => log, [Symbol.asyncDispose]: end };
}
