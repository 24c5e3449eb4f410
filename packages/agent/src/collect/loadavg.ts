import { gauge, seriesOf } from '../frame/series.ts';
import type { CollectContext, Collector } from './collector.ts';

const LOADS = [
  gauge('node_load1', '1m load average.'),
  gauge('node_load5', '5m load average.'),
  gauge('node_load15', '15m load average.'),
];

/** The three load averages of /proc/loadavg. */
export function loadavgCollector({ paths, files, table }: CollectContext): Collector {
  const first = table.add(seriesOf(LOADS));
  return {
    collect() {
      const loads = files.read(`${paths.procfs}/loadavg`, 'whole').split(' ', LOADS.length);
      for (const [index, load] of loads.entries()) table.set(first + index, Number(load));
    },
  };
}
