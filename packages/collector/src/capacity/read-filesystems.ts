import type { Labels, Matcher, Queryable, SeriesColumns } from '@plimsoll/promql';
import { HOUR_MS, type HourlyUse } from './filesystem-history.ts';

/** Filesystems that hold nothing on a disk, or a copy of what another one holds. */
const NOT_ON_DISK =
  'tmpfs|devtmpfs|ramfs|rootfs|squashfs|iso9660|erofs|fuse\\..+|fusectl|autofs|nsfs|proc|sysfs|cgroup2?|nfs4?|cifs|smb3|9p';
/** A container's root is worth watching; an engine's mounts of its containers' roots repeat their host's disk. */
const OVERLAY = 'overlay';

const SIZE = 'node_filesystem_size_bytes';
const AVAILABLE = 'node_filesystem_avail_bytes';
const FREE = 'node_filesystem_free_bytes';

/** What was read of one filesystem. */
export interface FilesystemReading {
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype: string;
  readonly hours: readonly HourlyUse[];
  readonly latest: FilesystemSample;
}

interface FilesystemSample {
  readonly atMs: number;
  readonly sizeBytes: number;
  /** Size less free space: what files, and the space reserved for root's use that is taken, occupy. */
  readonly usedBytes: number;
  /** Used over used plus available, 0..1: 1 is where unprivileged writes fail, as df(1) shows it. */
  readonly utilisation: number;
}

/** Reads one host's filesystems between two times, both inclusive, reduced to hours. */
export async function readFilesystems(
  store: Queryable,
  instance: string,
  startMs: number,
  endMs: number,
): Promise<FilesystemReading[]> {
  const matchers: Matcher[] = [
    { name: '__name__', type: '=~', value: `${SIZE}|${AVAILABLE}|${FREE}` },
    { name: 'instance', type: '=', value: instance },
    { name: 'fstype', type: '!~', value: NOT_ON_DISK },
  ];
  const series = await store.select({ matchers, startMs, endMs });
  const filesystems = new Map<string, Partial<Record<string, SeriesColumns>>>();
  for (const columns of series) {
    if (!isWatched(columns.labels)) continue;
    const { key } = columns.labels.without('__name__');
    const known = filesystems.get(key) ?? {};
    known[columns.labels.name] = columns;
    filesystems.set(key, known);
  }
  return [...filesystems.values()].flatMap((columns) => {
    const { [SIZE]: size, [AVAILABLE]: available, [FREE]: free } = columns;
    if (size === undefined || available === undefined || free === undefined) return [];
    return reduce(size, available, free);
  });
}

function isWatched(labels: Labels): boolean {
  return labels.get('fstype') !== OVERLAY || labels.get('mountpoint') === '/';
}

/** Joins the three series by time, which of one agent they share, and sums up each hour. */
function reduce(size: SeriesColumns, available: SeriesColumns, free: SeriesColumns): FilesystemReading[] {
  const hours = new HourlySums();
  const sizes = size.values;
  let a = 0;
  let f = 0;
  let latest: FilesystemSample | undefined;
  for (let s = 0; s < size.timestamps.length; s++) {
    const atMs = size.timestamps[s] ?? 0;
    a = advanceTo(available.timestamps, a, atMs);
    f = advanceTo(free.timestamps, f, atMs);
    if (available.timestamps[a] !== atMs || free.timestamps[f] !== atMs) continue;
    const usedBytes = (sizes[s] ?? Number.NaN) - (free.values[f] ?? Number.NaN);
    const utilisation = usedBytes / (usedBytes + (available.values[a] ?? Number.NaN));
    // Stale markers are NaN, and so is the utilisation of a filesystem of no size.
    if (!Number.isFinite(utilisation)) continue;
    hours.add(atMs, utilisation);
    latest = { atMs, sizeBytes: sizes[s] ?? 0, usedBytes, utilisation };
  }
  if (latest === undefined) return [];
  const { labels } = size;
  return [
    {
      device: labels.get('device'),
      mountpoint: labels.get('mountpoint'),
      fstype: labels.get('fstype'),
      hours: hours.close(),
      latest,
    },
  ];
}

/** Sums up samples that come in ascending order, hour by hour. */
class HourlySums {
  readonly #hours: HourlyUse[] = [];
  #startMs = Number.NaN;
  #sum = 0;
  #count = 0;
  #max = 0;

  add(atMs: number, utilisation: number): void {
    if (!(atMs < this.#startMs + HOUR_MS)) {
      this.close();
      this.#startMs = Math.floor(atMs / HOUR_MS) * HOUR_MS;
      this.#sum = 0;
      this.#count = 0;
      this.#max = utilisation;
    }
    this.#sum += utilisation;
    this.#count++;
    if (utilisation > this.#max) this.#max = utilisation;
  }

  /** Ends the last hour and answers all of them. */
  close(): readonly HourlyUse[] {
    if (this.#count > 0)
      this.#hours.push({ startMs: this.#startMs, mean: this.#sum / this.#count, max: this.#max });
    return this.#hours;
  }
}

function advanceTo(timestamps: Float64Array, from: number, atMs: number): number {
  let i = from;
  while (i < timestamps.length && (timestamps[i] ?? 0) < atMs) i++;
  return i;
}
