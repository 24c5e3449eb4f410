import type { CollectorFactory } from './collector.ts';
import { cpuCollector } from './cpu.ts';
import { diskstatsCollector } from './diskstats.ts';
import { filesystemCollector } from './filesystem.ts';
import { loadavgCollector } from './loadavg.ts';
import { meminfoCollector } from './meminfo.ts';
import { netdevCollector } from './netdev.ts';
import { pressureCollector } from './pressure.ts';
import { statCollector } from './stat.ts';
import { textfileCollector } from './textfile.ts';
import { timeCollector } from './time.ts';
import { unameCollector } from './uname.ts';
import { vmstatCollector } from './vmstat.ts';

/** The collectors of Linux, by the names node_exporter has for them. */
export const linuxCollectors: Readonly<Record<string, CollectorFactory>> = {
  // Together, since both read /proc/stat.
  cpu: cpuCollector,
  stat: statCollector,
  diskstats: diskstatsCollector,
  filesystem: filesystemCollector,
  loadavg: loadavgCollector,
  meminfo: meminfoCollector,
  netdev: netdevCollector,
  pressure: pressureCollector,
  textfile: textfileCollector,
  time: timeCollector,
  uname: unameCollector,
  vmstat: vmstatCollector,
};
