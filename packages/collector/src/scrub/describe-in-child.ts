import { fork } from 'node:child_process';
import path from 'node:path';
import type { Damage } from '../backup/manifest.ts';
import { DESCRIBE_TIMEOUT_MS } from './limits.ts';

export interface DescribeRequest {
  readonly storagePath: string;
  readonly damages: readonly Damage[];
}

/**
 * Says which series, agents and times damages touch. Walks whole databases, and closes them: in a process of its own,
 * that has neither an event loop to hold nor locks to lose.
 *
 * @throws where that process fails, or takes longer than `DESCRIBE_TIMEOUT_MS`.
 */
export async function describeInChild(request: DescribeRequest, signal: AbortSignal): Promise<string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string[]>();
  // A process that cannot be started fails twice: where it is asked, and a turn later.
  promise.catch(() => undefined);
  const child = fork(describeEntry(), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    timeout: DESCRIBE_TIMEOUT_MS,
    killSignal: 'SIGKILL',
    signal,
  });
  child.once('message', (affected) => {
    if (Array.isArray(affected)) resolve(affected.map(String));
  });
  child.on('error', reject);
  child.once('exit', (code, by) => {
    reject(new Error(`the process that looks what is affected ended with ${code ?? by} and no answer`));
  });
  child.send(request);
  return await promise;
}

/** Sources lie in one folder as .ts; the bundler puts each entry beside its callers as .js. */
function describeEntry(): string {
  const isSource = path.extname(import.meta.filename) === '.ts';
  return path.join(import.meta.dirname, isSource ? 'describe-main.ts' : 'scrub-describe-main.js');
}
