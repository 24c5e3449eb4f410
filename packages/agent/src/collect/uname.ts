import { machine } from 'node:os';
import { KeyedRuns } from '../frame/keyed-runs.ts';
import { gauge, type Series, sortedLabels } from '../frame/series.ts';
import type { CollectContext, Collector } from './collector.ts';

const INFO = gauge('node_uname_info', 'Labeled system information as provided by the uname system call.');
/** Labels of the info, and the files of /proc/sys/kernel with their values. */
const FILES = {
  sysname: 'ostype',
  release: 'osrelease',
  version: 'version',
  nodename: 'hostname',
  domainname: 'domainname',
} as const;

/** What uname says, from /proc/sys/kernel; names change while a host runs, so it is read each time. */
export function unameCollector({ paths, files, table }: CollectContext): Collector {
  const labels: Record<string, string> = { machine: machine() };
  const define = (): Series[] => [{ family: INFO, labels: sortedLabels(labels) }];
  const runs = new KeyedRuns(table, define);
  return {
    collect() {
      for (const [label, file] of Object.entries(FILES)) {
        labels[label] = files.read(`${paths.procfs}/sys/kernel/${file}`, 'whole', 'utf8').trimEnd();
      }
      runs.begin();
      table.set(runs.at(Object.values(labels).join('\n')), 1);
      runs.end();
    },
  };
}
