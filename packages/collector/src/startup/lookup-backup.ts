import type { Engine, Queryable } from '@plimsoll/promql';
import type { BackupLookup } from '../desk/backup-lookup.ts';

/** Looks the newest backup of a service up with the expression its catalogue entry gives: seconds since the epoch. */
export function lookupBackup(engine: Engine, queryable: Queryable): BackupLookup {
  return async (service, atMs) => {
    const expression = service.continuity?.backup?.lastSuccess;
    if (expression === undefined) return null;
    const { value } = await engine.queryInstant({ text: expression, timeMs: atMs, queryable });
    const seconds =
      value.type === 'vector' ? [...value.values] : value.type === 'scalar' ? [value.value] : [];
    const known = seconds.filter((second) => Number.isFinite(second) && second > 0);
    return known.length === 0 ? null : Math.max(...known) * 1000;
  };
}
