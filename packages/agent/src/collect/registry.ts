import type { CollectorFactory } from './collector.ts';
import { cpuCollector } from './cpu.ts';
import { loadavgCollector } from './loadavg.ts';
import { meminfoCollector } from './meminfo.ts';

/** The collectors of Linux, by the names node_exporter has for them. */
export const linuxCollectors: Readonly<Record<string, CollectorFactory>> = {
  cpu: cpuCollector,
  loadavg: loadavgCollector,
  meminfo: meminfoCollector,
};
