import { readdir, readFile } from 'node:fs/promises';

/**
 * Milliseconds of processor time that a process' living threads have had, from the scheduler's own count in
 * nanoseconds: the clock ticks of `usageOf` are too coarse for a query of a fifth of a millisecond.
 */
export async function threadMs(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(threads.map(async (thread) => threadNs(pid, thread)));
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

async function threadNs(pid: number, thread: string): Promise<number> {
  try {
    const [running = ''] = (await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')).split(' ');
    return Number(running);
  } catch (error) {
    // A thread that ended since the folder was listed counts no more.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return 0;
    throw error;
  }
}
