import { KeyedRuns } from '../frame/keyed-runs.ts';
import { counter, seriesOf } from '../frame/series.ts';
import type { CollectContext, Collector } from './collector.ts';

/** The columns of /proc/net/dev; their sums of error kinds are what node_exporter puts together from netlink. */
const COLUMNS = [
  'receive_bytes',
  'receive_packets',
  'receive_errs',
  'receive_drop',
  'receive_fifo',
  'receive_frame',
  'receive_compressed',
  'receive_multicast',
  'transmit_bytes',
  'transmit_packets',
  'transmit_errs',
  'transmit_drop',
  'transmit_fifo',
  'transmit_colls',
  'transmit_carrier',
  'transmit_compressed',
].map(deviceFamily);
/** Packets no one wanted: not in that file, but in /sys. */
const NO_HANDLER = deviceFamily('receive_nohandler');
const HEADER_LINES = 2;

/** Traffic, errors and drops of the network devices. */
export function netdevCollector({ paths, files, table }: CollectContext): Collector {
  const runs = new KeyedRuns(table, (device) => seriesOf(COLUMNS, { device }));
  const noHandler = new KeyedRuns(table, (device) => seriesOf([NO_HANDLER], { device }));
  let known: string[] = [];

  const collectNoHandler = (devices: readonly string[]): void => {
    noHandler.begin();
    for (const device of devices) {
      try {
        const count = files.scan(noHandlerFile(paths.sysfs, device)).number();
        table.set(noHandler.at(device), count);
      } catch {
        // The device has just gone, or /sys is that of another network namespace, as in containers.
        continue;
      }
    }
    noHandler.end();
  };

  return {
    collect() {
      const scanner = files.scan(`${paths.procfs}/net/dev`);
      for (let i = 0; i < HEADER_LINES; i++) scanner.nextLine();
      const devices: string[] = [];
      runs.begin();
      for (; !scanner.done; scanner.nextLine()) {
        const device = scanner.key();
        const first = runs.at(device);
        for (let i = 0; i < COLUMNS.length; i++) table.set(first + i, scanner.number());
        devices.push(device);
      }
      runs.end();
      collectNoHandler(devices);
      for (const device of known)
        if (!devices.includes(device)) files.forget(noHandlerFile(paths.sysfs, device));
      known = devices;
    },
  };
}

function noHandlerFile(sysfs: string, device: string): string {
  return `${sysfs}/class/net/${device}/statistics/rx_nohandler`;
}

function deviceFamily(statistic: string): ReturnType<typeof counter> {
  return counter(`node_network_${statistic}_total`, `Network device statistic ${statistic}.`);
}
