import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { repository } from './program.ts';
import { waitFor } from './wait-for.ts';

/** Up to how long into the window after the one that is waited for, milliseconds. */
const MAX_DELAY_MS = 40;

/**
 * Starts a `storage copy` and kills it somewhere within a window, after it has completed another one. Throws where the
 * copy ends before.
 */
export async function killOnTheWay(
  args: readonly string[],
  cwd: string,
  stateFile: string,
  random: () => number,
): Promise<void> {
  const before = await reached(stateFile);
  const child = spawn(path.join(repository, 'plimsoll'), args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
  await waitFor(
    'the copy to complete a window',
    async () => {
      if (child.exitCode !== null) throw new Error(`the copy ended before it was killed: ${errors}`);
      return (await reached(stateFile)) > before;
    },
    60_000,
  );
  // A moment of chance, not a wait for something.
  await delay(random() * MAX_DELAY_MS);
  child.kill('SIGKILL');
  await exited;
  if (child.exitCode === 0) throw new Error('the copy ended before it was killed');
}

/** The time up to which the copy has come by its state file; its very beginning counts as reached. */
async function reached(stateFile: string): Promise<number> {
  if (!existsSync(stateFile)) return 0;
  const { startMs, progress } = JSON.parse(await readFile(stateFile, 'utf8')) as {
    startMs: number;
    progress: { nextMs: number };
  };
  return progress.nextMs === startMs ? 0 : progress.nextMs;
}
