import type { StatsFs } from 'node:fs';
import { KeyedRuns } from '../frame/keyed-runs.ts';
import { gauge, type Series, seriesOf } from '../frame/series.ts';
import type { CollectContext, Collector } from './collector.ts';
import { type Mount, readMounts } from './mounts.ts';
import { StatfsAnswers } from './statfs-answers.ts';

const DEVICE_ERROR = gauge(
  'node_filesystem_device_error',
  'Whether an error occurred while getting statistics for the given device.',
);
const READONLY = gauge('node_filesystem_readonly', 'Filesystem read-only status.');
const SPACE = [
  gauge('node_filesystem_size_bytes', 'Filesystem size in bytes.'),
  gauge('node_filesystem_free_bytes', 'Filesystem free space in bytes.'),
  gauge('node_filesystem_avail_bytes', 'Filesystem space available to non-root users in bytes.'),
  gauge('node_filesystem_files', 'Filesystem total file nodes.'),
  gauge('node_filesystem_files_free', 'Filesystem total free file nodes.'),
  // Always 0 here; node_exporter has it on Linux too.
  gauge(
    'node_filesystem_purgeable_bytes',
    'Filesystem space available including purgeable space (MacOS specific).',
  ),
];
const MOUNT_INFO = gauge('node_filesystem_mount_info', 'Filesystem mount information.');

/** Space and inodes of the mounted filesystems, as the first process of the host sees them. */
export function filesystemCollector({ paths, files, table }: CollectContext): Collector {
  const mounts = new Map<string, { mount: Mount; error: string }>();
  const runs = new KeyedRuns(table, (key) => {
    const known = mounts.get(key);
    return known === undefined ? [] : mountSeries(known.mount, known.error);
  });
  const answers = new StatfsAnswers();
  let mountinfo = '';
  let found: readonly Mount[] = [];
  const readMountinfo = (): string => {
    try {
      return files.read(`${paths.procfs}/1/mountinfo`, 'pieces', 'utf8');
    } catch {
      // Hidden from other users by hidepid: then those of this process.
      return files.read(`${paths.procfs}/self/mountinfo`, 'pieces', 'utf8');
    }
  };
  const pathOf = ({ mountpoint }: Mount): string => `${paths.rootfs}${mountpoint}`;

  return {
    async collect() {
      const text = readMountinfo();
      if (text !== mountinfo) found = readMounts(text, paths.rootfs);
      mountinfo = text;
      const askable = found.map((mount) => ({ path: pathOf(mount), fstype: mount.fstype }));
      const waiting = answers.ask(askable);
      if (waiting !== undefined) await waiting;
      mounts.clear();
      runs.begin();
      for (const mount of found) {
        const answer = answers.of(pathOf(mount));
        const error = answer !== undefined && 'error' in answer ? answer.error : '';
        const key = [mount.device, mount.fstype, mount.mountpoint, mount.major, mount.minor, error].join(' ');
        mounts.set(key, { mount, error });
        const first = runs.at(key);
        if (answer === undefined) continue;
        table.set(first, error === '' ? 0 : 1);
        table.set(first + 1, mount.readonly ? 1 : 0);
        if (!('error' in answer)) writeSpace(answer, (index, value) => table.set(first + 2 + index, value));
      }
      runs.end();
    },
  };
}

function mountSeries({ device, fstype, mountpoint, major, minor }: Mount, error: string): Series[] {
  const labels = { device, device_error: error, fstype, mountpoint };
  const state = seriesOf([DEVICE_ERROR, READONLY], labels);
  if (error !== '') return state;
  return [
    ...state,
    ...seriesOf(SPACE, labels),
    ...seriesOf([MOUNT_INFO], { device, major, minor, mountpoint }),
  ];
}

function writeSpace(stats: StatsFs, write: (index: number, value: number) => void): void {
  const { blocks, bfree, bavail, bsize, files, ffree } = stats;
  const values = [blocks * bsize, bfree * bsize, bavail * bsize, files, ffree, 0, 1];
  for (const [index, value] of values.entries()) write(index, value);
}
