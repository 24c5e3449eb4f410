import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { FileConfig } from '../config/config.ts';
import { PlimsollError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { BackupLookup } from './backup-lookup.ts';
import type { Desk } from './desk.ts';
import { openHeadSigner } from './journal/head-signer.ts';
import { Journal } from './journal/journal.ts';
import { LiveDesk } from './live-desk.ts';
import { Projections } from './projections/projections.ts';

export interface DeskOptions {
  /** A directory, made when it is missing. */
  readonly path: string;
  readonly runtime: Runtime;
  readonly config: FileConfig['desk'];
  readonly catalogue: Catalogue;
  readonly lookupBackup: BackupLookup;
}

/**
 * Opens the desk's journal and read tables, or makes them, and journals the collector's start.
 *
 * Throws `PlimsollError`: `configuration` for data of a newer version, `unavailable` when the files cannot be opened.
 */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const { runtime } = options;
  using cleanup = new DisposableStack();
  try {
    await mkdir(options.path, { recursive: true });
    const signer = await openHeadSigner(options.path);
    const journal = cleanup.use(new Journal(path.join(options.path, 'journal.db')));
    const projections = cleanup.use(new Projections(path.join(options.path, 'projections.db')));
    const behind = journal.head.position - projections.position;
    if (behind < 0) {
      throw new PlimsollError(
        'configuration',
        `the read tables in ${options.path} are ahead of the journal: the journal was cut or replaced; ` +
          'restore it, or remove projections.db if the journal is meant to be this one',
      );
    }
    if (behind > 0) runtime.log.info({ events: behind }, 'reading the journal');
    const desk = new LiveDesk({ ...options, journal, projections, signer });
    await desk.start();
    cleanup.move();
    return desk;
  } catch (error) {
    throw PlimsollError.from(error, 'unavailable');
  }
}
