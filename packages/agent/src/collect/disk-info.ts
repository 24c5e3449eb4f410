import { KeyedRuns } from '../frame/keyed-runs.ts';
import { gauge, type Series, seriesOf } from '../frame/series.ts';
import type { CollectContext } from './collector.ts';

const INFO = gauge('node_disk_info', 'Info of /sys/block/<block_device>.');
const FILESYSTEM = gauge('node_disk_filesystem_info', 'Info about disk filesystem.');
const DEVICE_MAPPER = gauge('node_disk_device_mapper_info', 'Info about disk device mapper.');
const ATA = [
  { key: 'ID_ATA_WRITE_CACHE', family: gauge('node_disk_ata_write_cache', 'ATA disk has a write cache.') },
  {
    key: 'ID_ATA_WRITE_CACHE_ENABLED',
    family: gauge('node_disk_ata_write_cache_enabled', 'ATA disk has its write cache enabled.'),
  },
  {
    key: 'ID_ATA_ROTATION_RATE_RPM',
    family: gauge('node_disk_ata_rotation_rate_rpm', 'ATA disk rotation rate in RPMs (0 for SSDs).'),
  },
];
/** What udev knows of a disk changes with its partitions and labels: rarely, and no rule waits for it. */
const REFRESH_MS = 60_000;

export interface DiskId {
  readonly device: string;
  readonly major: number;
  readonly minor: number;
}

interface Sample {
  readonly series: Series;
  readonly value: number;
}

interface Known {
  readonly key: string;
  readonly samples: readonly Sample[];
  readonly readAt: number;
}

/** Tells what udev and /sys know of the disks: model, serial number, filesystem, device mapper, ATA. */
export function diskInfo(context: CollectContext): (disks: readonly DiskId[]) => void {
  const { table, now } = context;
  const known = new Map<string, Known>();
  const samples = new Map<string, readonly Sample[]>();
  const runs = new KeyedRuns(table, (key) => (samples.get(key) ?? []).map(({ series }) => series));
  return (disks) => {
    runs.begin();
    const met = new Set<string>();
    for (const disk of disks) {
      met.add(disk.device);
      let info = known.get(disk.device);
      if (info === undefined || Math.abs(now() - info.readAt) >= REFRESH_MS) {
        info = readInfo(context, disk);
        known.set(disk.device, info);
      }
      samples.set(info.key, info.samples);
      const first = runs.at(info.key);
      for (const [index, { value }] of info.samples.entries()) table.set(first + index, value);
    }
    runs.end();
    samples.clear();
    for (const device of known.keys()) if (!met.has(device)) known.delete(device);
  };
}

function readInfo({ files, paths, now }: CollectContext, disk: DiskId): Known {
  const { device, major, minor } = disk;
  const udev = files.attribute(`${paths.udevData}/b${major}:${minor}`) ?? '';
  const rotational =
    files.attribute(`${paths.sysfs}/block/${device.replaceAll('/', '!')}/queue/rotational`) === '1';
  return {
    // Everything the samples are made of: they change when it does.
    key: `${device} ${major}:${minor} ${rotational} ${udev}`,
    samples: infoSamples(disk, parseUdev(udev), rotational ? '1' : '0'),
    readAt: now(),
  };
}

/** The device properties of a udev record: its lines `E:NAME=value`. */
function parseUdev(record: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of record.split('\n')) {
    const equals = line.indexOf('=');
    if (line.startsWith('E:') && equals > 0) properties.set(line.slice(2, equals), line.slice(equals + 1));
  }
  return properties;
}

function infoSamples(
  { device, major, minor }: DiskId,
  udev: ReadonlyMap<string, string>,
  rotational: string,
): Sample[] {
  const property = (name: string): string => udev.get(name) ?? '';
  const families: Series[] = seriesOf([INFO], {
    device,
    major: String(major),
    minor: String(minor),
    path: property('ID_PATH'),
    wwn: property('ID_WWN'),
    model: property('ID_MODEL'),
    serial: property('SCSI_IDENT_SERIAL') || property('ID_SERIAL_SHORT') || property('ID_SERIAL'),
    revision: property('ID_REVISION'),
    rotational,
  });
  if (property('ID_FS_TYPE') !== '') {
    families.push(
      ...seriesOf([FILESYSTEM], {
        device,
        type: property('ID_FS_TYPE'),
        usage: property('ID_FS_USAGE'),
        uuid: property('ID_FS_UUID'),
        version: property('ID_FS_VERSION'),
      }),
    );
  }
  if (property('DM_NAME') !== '') {
    families.push(
      ...seriesOf([DEVICE_MAPPER], {
        device,
        name: property('DM_NAME'),
        uuid: property('DM_UUID'),
        vg_name: property('DM_VG_NAME'),
        lv_name: property('DM_LV_NAME'),
        lv_layer: property('DM_LV_LAYER'),
      }),
    );
  }
  const samples = families.map((series) => ({ series, value: 1 }));
  if (property('ID_ATA') === '') return samples;
  for (const { key, family } of ATA) {
    const value = Number.parseFloat(property(key));
    if (!Number.isNaN(value))
      samples.push(...seriesOf([family], { device }).map((series) => ({ series, value })));
  }
  return samples;
}
