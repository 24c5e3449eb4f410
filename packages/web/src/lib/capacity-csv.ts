import type { FilesystemCapacity } from '../api/types.ts';
import { csv } from './csv.ts';

const header = [
  'instance',
  'mountpoint',
  'device',
  'fstype',
  'size_bytes',
  'used_bytes',
  'utilisation',
  'history_days',
  'outlook',
  'q10_days',
  'q50_days',
  'q90_days',
  'full_earliest',
  'full_likely',
  'full_latest',
  'p7',
  'model_error',
];

export function capacityCsv(filesystems: readonly FilesystemCapacity[]): string {
  const rows = filesystems.map((item) => [
    item.instance,
    item.mountpoint,
    item.device,
    item.fstype,
    item.sizeBytes,
    item.usedBytes,
    item.utilisation,
    item.historyDays,
    item.outlook,
    item.q10Days,
    item.q50Days,
    item.q90Days,
    item.fullAt?.earliest ?? null,
    item.fullAt?.likely ?? null,
    item.fullAt?.latest ?? null,
    item.p7,
    item.modelError,
  ]);
  return csv(header, rows);
}
