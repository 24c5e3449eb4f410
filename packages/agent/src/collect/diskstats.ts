import { KeyedRuns } from '../frame/keyed-runs.ts';
import { counter, type Family, gauge, seriesOf } from '../frame/series.ts';
import type { CollectContext, Collector } from './collector.ts';
import { type DiskId, diskInfo } from './disk-info.ts';

/** Partitions and memory disks, which node_exporter leaves out. */
const IGNORED = /^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/;
/** ` 254       0 vda 60803 12378 ...` */
const LINE = /^ *(\d+) +(\d+) (\S+) (.+)$/;
const BYTES_PER_SECTOR = 512;
const SECONDS_PER_MILLISECOND = 1 / 1000;

/** The columns of a line of /proc/diskstats after the device's name, in order. Older kernels have fewer. */
const COLUMNS: readonly { readonly family: Family; readonly factor: number }[] = [
  column('reads_completed_total', 'The total number of reads completed successfully.'),
  column('reads_merged_total', 'The total number of reads merged.'),
  column('read_bytes_total', 'The total number of bytes read successfully.', BYTES_PER_SECTOR),
  column(
    'read_time_seconds_total',
    'The total number of seconds spent by all reads.',
    SECONDS_PER_MILLISECOND,
  ),
  column('writes_completed_total', 'The total number of writes completed successfully.'),
  column('writes_merged_total', 'The number of writes merged.'),
  column('written_bytes_total', 'The total number of bytes written successfully.', BYTES_PER_SECTOR),
  column(
    'write_time_seconds_total',
    'This is the total number of seconds spent by all writes.',
    SECONDS_PER_MILLISECOND,
  ),
  { family: gauge('node_disk_io_now', 'The number of I/Os currently in progress.'), factor: 1 },
  column('io_time_seconds_total', 'Total seconds spent doing I/Os.', SECONDS_PER_MILLISECOND),
  column(
    'io_time_weighted_seconds_total',
    'The weighted # of seconds spent doing I/Os.',
    SECONDS_PER_MILLISECOND,
  ),
  column('discards_completed_total', 'The total number of discards completed successfully.'),
  column('discards_merged_total', 'The total number of discards merged.'),
  column('discarded_sectors_total', 'The total number of sectors discarded successfully.'),
  column(
    'discard_time_seconds_total',
    'This is the total number of seconds spent by all discards.',
    SECONDS_PER_MILLISECOND,
  ),
  column('flush_requests_total', 'The total number of flush requests completed successfully'),
  column(
    'flush_requests_time_seconds_total',
    'This is the total number of seconds spent by all flush requests.',
    SECONDS_PER_MILLISECOND,
  ),
];

/** I/O of the block devices from /proc/diskstats, with what udev knows of each. */
export function diskstatsCollector(context: CollectContext): Collector {
  const { paths, files, table } = context;
  /** Columns of the line at hand, for a device met in it. */
  let count = 0;
  const runs = new KeyedRuns(table, (device) =>
    seriesOf(
      COLUMNS.slice(0, count).map(({ family }) => family),
      { device },
    ),
  );
  const ignored = new Map<string, boolean>();
  const tellInfo = diskInfo(context);

  return {
    collect() {
      const devices: DiskId[] = [];
      runs.begin();
      for (const line of files.read(`${paths.procfs}/diskstats`, 'pieces').split('\n')) {
        const [, major, minor, device = '', columns = ''] = LINE.exec(line) ?? [];
        let ignore = ignored.get(device);
        if (ignore === undefined) ignored.set(device, (ignore = device === '' || IGNORED.test(device)));
        if (ignore) continue;
        const values = columns.split(' ', COLUMNS.length);
        count = values.length;
        const first = runs.at(device);
        for (let i = 0; i < count; i++) table.set(first + i, Number(values[i]) * (COLUMNS[i]?.factor ?? 1));
        devices.push({ device, major: Number(major), minor: Number(minor) });
      }
      runs.end();
      tellInfo(devices);
    },
  };
}

function column(
  name: string,
  help: string,
  factor = 1,
): { readonly family: Family; readonly factor: number } {
  return { family: counter(`node_disk_${name}`, help), factor };
}
