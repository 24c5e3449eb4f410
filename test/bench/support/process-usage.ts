import { readFile } from 'node:fs/promises';

/** The kernel's clock ticks per second; 100 on every Linux this runs on. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  /** User and system time of all threads, seconds. */
  readonly cpuSeconds: number;
  readonly rssMib: number;
  readonly peakRssMib: number;
}

/** What a process has used so far, from /proc. */
export async function usageOf(pid: number): Promise<Usage> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    rssMib: kib(status, 'VmRSS') / 1024,
    peakRssMib: kib(status, 'VmHWM') / 1024,
  };
}

function kib(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN);
}
