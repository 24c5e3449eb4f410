import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from '../start-error.ts';

const FILE = 'agent.pid';

/**
 * Keeps a second agent off the directory until disposed. The file names a process and when it started, so that one left
 * by a killed agent is known as such even after its number was given to another process.
 *
 * @throws StartError('locked')
 */
export function lockDirectory(directory: string): Disposable {
  const file = path.join(directory, FILE);
  const mine = `${process.pid} ${startOf(process.pid)}`;
  if (!claim(file, mine)) {
    const [pid = '', started = ''] = readFileSync(file, 'utf8').split(' ');
    if (isRunning(Number(pid), started)) {
      throw new StartError(
        'locked',
        `${directory} belongs to the running agent with process id ${pid}: stop it, or give this one another --spool.path`,
      );
    }
    rmSync(file, { force: true });
    if (!claim(file, mine)) throw new StartError('locked', `${directory} was just taken by another agent`);
  }
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

function claim(file: string, content: string): boolean {
  try {
    writeFileSync(file, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether the process that wrote the lock is alive; this process itself is not another agent after a restart in place. */
function isRunning(pid: number, started: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return startOf(pid) === started;
}

/** When a process started, in ticks since boot, with which its number is unique; `-` where there is no /proc. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold spaces; the start time is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}
