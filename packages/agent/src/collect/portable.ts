import {
  cpus,
  freemem,
  hostname,
  loadavg,
  machine,
  release,
  totalmem,
  type as osType,
  version,
} from 'node:os';
import { disksIO, fsSize, fsStats, mem, networkStats } from 'systeminformation';
import { KeyedRuns } from '../frame/keyed-runs.ts';
import { counter, gauge, seriesOf } from '../frame/series.ts';
import type { CollectContext, Collector, CollectorFactory } from './collector.ts';
import { textfileCollector } from './textfile.ts';

const MILLISECONDS_PER_SECOND = 1000;

/** The modes every system has, as `os.cpus()` names them and as Linux does. */
const CPU_MODES = [
  ['user', 'user'],
  ['nice', 'nice'],
  ['sys', 'system'],
  ['idle', 'idle'],
  ['irq', 'irq'],
] as const;

function cpuCollector({ table }: CollectContext): Collector {
  const family = counter('node_cpu_seconds_total', 'Seconds the CPUs spent in each mode.');
  const runs = new KeyedRuns(table, (cpu) =>
    CPU_MODES.map(([, mode]) => ({ family, labels: ['cpu', cpu, 'mode', mode] })),
  );
  return {
    collect() {
      runs.begin();
      for (const [cpu, { times }] of cpus().entries()) {
        const first = runs.at(String(cpu));
        for (const [index, [key]] of CPU_MODES.entries()) {
          table.set(first + index, times[key] / MILLISECONDS_PER_SECOND);
        }
      }
      runs.end();
    },
  };
}

function memoryCollector({ table }: CollectContext): Collector {
  const names = ['MemTotal', 'MemFree', 'MemAvailable', 'Cached', 'Buffers', 'SwapTotal', 'SwapFree'];
  const first = table.add(
    seriesOf(
      names.map((name) => gauge(`node_memory_${name}_bytes`, `Memory information field ${name}_bytes.`)),
    ),
  );
  return {
    async collect() {
      const { available, cached, buffers, swaptotal, swapfree } = await mem();
      const values = [totalmem(), freemem(), available, cached, buffers, swaptotal, swapfree];
      for (const [index, value] of values.entries()) table.set(first + index, value);
    },
  };
}

function loadCollector({ table }: CollectContext): Collector {
  const first = table.add(
    seriesOf([1, 5, 15].map((minutes) => gauge(`node_load${minutes}`, `${minutes}m load average.`))),
  );
  return {
    collect() {
      for (const [index, load] of loadavg().entries()) table.set(first + index, load);
    },
  };
}

function filesystemCollector({ table }: CollectContext): Collector {
  const families = [
    gauge('node_filesystem_size_bytes', 'Filesystem size in bytes.'),
    gauge('node_filesystem_free_bytes', 'Filesystem free space in bytes.'),
    gauge('node_filesystem_avail_bytes', 'Filesystem space available to non-root users in bytes.'),
    gauge('node_filesystem_readonly', 'Filesystem read-only status.'),
  ];
  const runs = new KeyedRuns(table, (key) => {
    const [device = '', fstype = '', mountpoint = ''] = key.split('\0');
    return seriesOf(families, { device, fstype, mountpoint });
  });
  return {
    async collect() {
      const filesystems = await fsSize();
      runs.begin();
      for (const { fs, type, mount, size, used, available, rw } of filesystems) {
        const first = runs.at([fs, type, mount].join('\0'));
        // A writable filesystem is only what is known to be one.
        const values = [size, size - used, available, rw === false ? 1 : 0];
        for (const [index, value] of values.entries()) table.set(first + index, value);
      }
      runs.end();
    },
  };
}

/** These systems tell the sums over all disks only: they are the disk named `all`. */
function diskCollector({ table }: CollectContext): Collector {
  const first = table.add(
    seriesOf(
      [
        counter('node_disk_reads_completed_total', 'The total number of reads completed successfully.'),
        counter('node_disk_writes_completed_total', 'The total number of writes completed successfully.'),
        counter('node_disk_read_bytes_total', 'The total number of bytes read successfully.'),
        counter('node_disk_written_bytes_total', 'The total number of bytes written successfully.'),
      ],
      { device: 'all' },
    ),
  );
  return {
    async collect() {
      const [operations, bytes] = await Promise.all([disksIO(), fsStats()]);
      // Either is null where the system keeps no such numbers, as in some containers.
      const values = [operations?.rIO, operations?.wIO, bytes?.rx, bytes?.wx];
      for (const [index, value] of values.entries())
        if (typeof value === 'number') table.set(first + index, value);
    },
  };
}

function networkCollector({ table }: CollectContext): Collector {
  const families = [
    'receive_bytes',
    'receive_errs',
    'receive_drop',
    'transmit_bytes',
    'transmit_errs',
    'transmit_drop',
  ].map((statistic) => counter(`node_network_${statistic}_total`, `Network device statistic ${statistic}.`));
  const runs = new KeyedRuns(table, (device) => seriesOf(families, { device }));
  return {
    async collect() {
      const devices = await networkStats('*');
      runs.begin();
      for (const device of devices) {
        const first = runs.at(device.iface);
        const { rx_bytes, rx_errors, rx_dropped, tx_bytes, tx_errors, tx_dropped } = device;
        const values = [rx_bytes, rx_errors, rx_dropped, tx_bytes, tx_errors, tx_dropped];
        for (const [index, value] of values.entries()) table.set(first + index, value);
      }
      runs.end();
    },
  };
}

function timeCollector({ table, now }: CollectContext): Collector {
  const first = table.add(
    seriesOf([gauge('node_time_seconds', 'System time in seconds since epoch (1970).')]),
  );
  return { collect: () => table.set(first, now() / MILLISECONDS_PER_SECOND) };
}

function unameCollector({ table }: CollectContext): Collector {
  const info = gauge('node_uname_info', 'Labeled system information as provided by the uname system call.');
  const labels = {
    sysname: osType(),
    release: release(),
    version: version(),
    machine: machine(),
    nodename: hostname(),
    domainname: '',
  };
  const first = table.add(seriesOf([info], labels));
  return { collect: () => table.set(first, 1) };
}

/**
 * The core series on systems without /proc, under the names and labels Linux has for them. What systeminformation
 * answers costs some processes at each collection, so an agent here cannot run under the permission model.
 */
export const portableCollectors: Readonly<Record<string, CollectorFactory>> = {
  cpu: cpuCollector,
  diskstats: diskCollector,
  filesystem: filesystemCollector,
  loadavg: loadCollector,
  meminfo: memoryCollector,
  netdev: networkCollector,
  textfile: textfileCollector,
  time: timeCollector,
  uname: unameCollector,
};
