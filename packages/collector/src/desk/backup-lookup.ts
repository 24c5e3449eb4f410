import type { Service } from '../catalogue/catalogue.ts';
import type { Runtime } from '../runtime.ts';
import { LIMITS } from './limits.ts';

/**
 * When the newest good backup of a service had finished, as known at an instant; null when there never was one. Times
 * are milliseconds since the Unix epoch.
 */
export type BackupLookup = (service: Service, atMs: number) => Promise<number | null> | number | null;

/**
 * The times to which services can be restored: the start of the newest backup, since what it holds is as old as that.
 * A service that agreed no backup was never backed up (null); one whose backup cannot be told now is left out.
 */
export async function restorableTimes(
  services: readonly Service[],
  atMs: number,
  lookupBackup: BackupLookup,
  { log }: Pick<Runtime, 'log'>,
): Promise<ReadonlyMap<string, number | null>> {
  const times = new Map<string, number | null>();
  const lookups = services.map(async (service) => {
    const backup = service.continuity?.backup ?? null;
    if (backup === null) {
      times.set(service.name, null);
      return;
    }
    try {
      const finishedMs = await withinTime(lookupBackup(service, atMs));
      times.set(service.name, finishedMs === null ? null : finishedMs - (backup.durationMs ?? 0));
    } catch (error) {
      log.warn({ err: error, service: service.name }, 'the age of the backup could not be told');
    }
  });
  await Promise.all(lookups);
  return times;
}

/** Whether an opening has to wait for a store to answer. */
export function needsLookup(services: readonly Service[]): boolean {
  return services.some(({ continuity }) => (continuity?.backup ?? null) !== null);
}

async function withinTime<T>(value: Promise<T> | T): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`no answer within ${LIMITS.backupLookupMs} ms`));
  }, LIMITS.backupLookupMs);
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
