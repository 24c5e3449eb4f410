import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Counterpart } from '../../support/debian.ts';
import { freePort } from '../../support/free-port.ts';
import { goProgram } from '../../support/go-module.ts';
import { repository } from '../../support/program.ts';
import { waitFor } from '../../support/wait-for.ts';

/** The proxy of `deploy/mimir`. */
export function vmauth(): Promise<Counterpart> {
  return goProgram({
    module: 'github.com/VictoriaMetrics/VictoriaMetrics',
    version: 'v1.150.0',
    main: 'app/vmauth',
  });
}

export interface Balancer extends AsyncDisposable {
  readonly url: string;
}

/** vmauth in front of three nodes, with the configuration and flags of `deploy/mimir`. */
export async function startBalancer(program: string, nodes: readonly string[]): Promise<Balancer> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const [NODE1, NODE2, NODE3] = nodes.map((node) => new URL(node).host);
  const child = spawn(
    program,
    [
      `-auth.config=${path.join(repository, 'deploy/mimir/vmauth.yml')}`,
      `-httpListenAddr=${new URL(url).host}`,
      '-maxRequestBodySizeToRetry=16MiB',
      '-loggerLevel=ERROR',
    ],
    { env: { ...process.env, NODE1, NODE2, NODE3 }, stdio: 'ignore' },
  );
  await waitFor('vmauth', async () => {
    if (child.exitCode !== null) throw new Error(`vmauth exited with ${child.exitCode}`);
    return (await fetch(`${url}/ready`)).ok;
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
