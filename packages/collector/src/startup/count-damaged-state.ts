import { existsSync } from 'node:fs';
import path from 'node:path';
import { Gauge } from 'prom-client';
import { contentOf } from '../backup/content-of.ts';
import { checkDatabase, pagesText } from '../page-sums/check-database.ts';
import type { Runtime } from '../runtime.ts';

/** Read as a whole at the start; the journal, which only grows, is not. */
const READ_WHOLE = ['hosts.sqlite', 'silences.sqlite', 'notifications.sqlite'];

/**
 * Compares the databases that are about to be read with their checksums, and tells what changed in them.
 *
 * @returns those that are damaged, below the storage path.
 */
export function countDamagedState(
  storagePath: string,
  runtime: Pick<Runtime, 'log' | 'metrics'>,
): ReadonlySet<string> {
  const damaged = new Set<string>();
  let files = 0;
  for (const name of READ_WHOLE) {
    const database = path.join(storagePath, name);
    if (!existsSync(database)) continue;
    const { badPages, faults } = checkDatabase(database);
    const pages = badPages.length === 0 ? [] : [{ file: database, what: pagesText(badPages) }];
    for (const { file, what } of [...pages, ...faults]) {
      files++;
      damaged.add(name);
      runtime.log.error(
        { file },
        `${file}: ${what}; it holds ${contentOf(name)}, and is read as it is: run verify, and restore it from a backup`,
      );
    }
  }
  new Gauge({
    name: 'plimsoll_state_damaged_files',
    help: 'Databases beside telemetry that were found damaged, by the start or by the daily scrub, and files that belong to them.',
    registers: [runtime.metrics],
  }).set(files);
  return damaged;
}
