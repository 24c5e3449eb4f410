import { counter, gauge, seriesOf } from '../frame/series.ts';
import type { CollectContext, Collector } from './collector.ts';

const FAMILIES = [
  counter('node_intr_total', 'Total number of interrupts serviced.'),
  counter('node_context_switches_total', 'Total number of context switches.'),
  gauge('node_boot_time_seconds', 'Node boot time, in unixtime.'),
  counter('node_forks_total', 'Total number of forks.'),
  gauge('node_procs_running', 'Number of processes in runnable state.'),
  gauge('node_procs_blocked', 'Number of processes blocked waiting for I/O to complete.'),
];
/** The line of /proc/stat behind each family. */
const KEYS = ['intr', 'ctxt', 'btime', 'processes', 'procs_running', 'procs_blocked'];

/** Boot time, interrupts, context switches and processes from /proc/stat. */
export function statCollector({ paths, files, table }: CollectContext): Collector {
  const first = table.add(seriesOf(FAMILIES));
  return {
    collect() {
      const scanner = files.scan(`${paths.procfs}/stat`);
      for (; !scanner.done; scanner.nextLine()) {
        const index = KEYS.indexOf(scanner.key());
        if (index >= 0) table.set(first + index, scanner.number());
      }
    },
  };
}
