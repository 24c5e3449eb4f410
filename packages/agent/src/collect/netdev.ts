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
/** `  eth0: 522284886   12705    0 ...`; the two lines of headings have no colon after the first word. */
const LINE = /^ *([^\s|]+): *(\d.*)$/;

/** Traffic, errors and drops of the network devices. */
export function netdevCollector({ paths, files, table }: CollectContext): Collector {
  const runs = new KeyedRuns(table, (device) => seriesOf(COLUMNS, { device }));
  const noHandler = new KeyedRuns(table, (device) => seriesOf([NO_HANDLER], { device }));
  let known: string[] = [];

  const collectNoHandler = (devices: readonly string[]): void => {
    noHandler.begin();
    for (const device of devices) {
      try {
        const count = Number(files.read(noHandlerFile(paths.sysfs, device), 'whole'));
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
      const devices: string[] = [];
      runs.begin();
      for (const line of files.read(`${paths.procfs}/net/dev`, 'pieces').split('\n')) {
        const [, device, columns = ''] = LINE.exec(line) ?? [];
        if (device === undefined) continue;
        const values = columns.split(/ +/, COLUMNS.length);
        const first = runs.at(device);
        for (const [index, value] of values.entries()) table.set(first + index, Number(value));
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
