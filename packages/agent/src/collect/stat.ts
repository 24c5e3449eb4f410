import { counter, gauge, seriesOf } from '../frame/series.ts';
import type { CollectContext, Collector } from './collector.ts';

/** The line of /proc/stat behind each family. */
const LINES = [
  { start: '\nintr ', family: counter('node_intr_total', 'Total number of interrupts serviced.') },
  { start: '\nctxt ', family: counter('node_context_switches_total', 'Total number of context switches.') },
  { start: '\nbtime ', family: gauge('node_boot_time_seconds', 'Node boot time, in unixtime.') },
  { start: '\nprocesses ', family: counter('node_forks_total', 'Total number of forks.') },
  {
    start: '\nprocs_running ',
    family: gauge('node_procs_running', 'Number of processes in runnable state.'),
  },
  {
    start: '\nprocs_blocked ',
    family: gauge('node_procs_blocked', 'Number of processes blocked waiting for I/O to complete.'),
  },
];
/** Longer than any 64-bit number. */
const NUMBER_LENGTH = 20;

/** Boot time, interrupts, context switches and processes from /proc/stat. */
export function statCollector({ paths, files, table }: CollectContext): Collector {
  const first = table.add(seriesOf(LINES.map(({ family }) => family)));
  return {
    collect() {
      const text = files.readShared(`${paths.procfs}/stat`, 'whole');
      for (const [index, { start }] of LINES.entries()) {
        const at = text.indexOf(start) + start.length;
        if (at < start.length) continue;
        table.set(first + index, Number.parseInt(text.slice(at, at + NUMBER_LENGTH), 10));
      }
    },
  };
}
