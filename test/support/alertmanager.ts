import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port.ts';
import { waitFor } from './wait-for.ts';

/** Where Debian's build looks for its templates, and the same length relative to where its package was unpacked. */
const TEMPLATES = '/usr/share/prometheus/alertmanager';
const UNPACKED_TEMPLATES = 'usr//share/prometheus/alertmanager';

export interface RealAlertmanager extends AsyncDisposable {
  /** http://host:port */
  readonly url: string;
}

/**
 * Starts a real Alertmanager on a free port. Debian's has the folder of its templates compiled in and does not start
 * without it, so what is not installed but only unpacked runs as a copy that looks beside itself.
 */
export async function startAlertmanager(program: string): Promise<RealAlertmanager> {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-alertmanager-'));
  const { binary, cwd } = await runnable(program, directory);
  const config = path.join(directory, 'alertmanager.yml');
  await writeFile(config, 'route: {receiver: nobody}\nreceivers: [{name: nobody}]\n');
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    binary,
    [
      `--config.file=${config}`,
      `--storage.path=${path.join(directory, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--cluster.listen-address=',
    ],
    { cwd, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await waitFor('the Alertmanager', async () => {
      if (child.exitCode !== null) throw new Error(`exited with ${child.exitCode}`);
      return (await fetch(`${url}/-/ready`)).ok;
    });
  } catch (error) {
    await stop();
    throw new Error(`the Alertmanager did not start:\n${log}`, { cause: error });
  }
  return { url, [Symbol.asyncDispose]: stop };
}

async function runnable(program: string, directory: string): Promise<{ binary: string; cwd: string }> {
  const root = path.resolve(path.dirname(program), '../..');
  if (root === '/') return { binary: program, cwd: '/' };
  const bytes = await readFile(program);
  for (let at = bytes.indexOf(TEMPLATES); at >= 0; at = bytes.indexOf(TEMPLATES, at + 1)) {
    bytes.write(UNPACKED_TEMPLATES, at);
  }
  const binary = path.join(directory, 'alertmanager');
  await writeFile(binary, bytes, { mode: 0o755 });
  return { binary, cwd: root };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}
