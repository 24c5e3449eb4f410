import path from 'node:path';
import { renewSums } from '../page-sums/renew-sums.ts';
import type { Runtime } from '../runtime.ts';
import { refuseDatabase, summedDatabases } from './refuse-damaged-state.ts';

/**
 * Makes checksums of an earlier version of plimsoll anew, of databases beside telemetry. Nobody else may have them open.
 *
 * @throws PlimsollError 'configuration' for one that is damaged, with what it held and what to do.
 */
export function renewStateSums(storagePath: string, log: Runtime['log']): void {
  for (const name of summedDatabases(storagePath)) {
    const what = renewSums(path.join(storagePath, name), log);
    if (what !== null) throw refuseDatabase(storagePath, name, what);
  }
}
