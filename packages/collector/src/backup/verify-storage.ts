import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { HEADS_FILE } from '../desk/journal/head-signer.ts';
import { type JournalVerification, verifyJournal } from '../desk/journal/verify-journal.ts';
import { PlimsollError } from '../errors.ts';
import { hasHotJournal } from '../page-sums/hot-journal.ts';
import { MISSING } from '../page-sums/missing-databases.ts';
import { isThere } from '../is-there.ts';
import type { Fault, Progress } from '../telemetry/embedded/verify/fault.ts';
import { settled } from '../telemetry/embedded/verify/settled.ts';
import { uncheckedNote, verifyDatabase } from '../telemetry/embedded/verify/verify-database.ts';
import { type StoreVerification, verifyStore } from '../telemetry/embedded/verify/verify-store.ts';
import { contentOf } from './content-of.ts';
import { checkHeads, checkKey, FOREIGN_KEY, HEADS, KEY } from './check-desk-files.ts';
import { JOURNAL_FILE, missingState } from './refuse-damaged-state.ts';
import { listStateFiles } from './state-files.ts';

export interface StorageVerification {
  readonly files: number;
  readonly bytes: number;
  readonly series: number;
  readonly journal: JournalVerification | null;
  readonly faults: readonly Fault[];
  /** What could only be checked in part. */
  readonly notes: readonly string[];
}

const NO_STORE: StoreVerification = {
  files: 0,
  bytes: 0,
  series: 0,
  faults: [],
  notes: ['there is none: only the journal and what is beside it was checked'],
};

const SIGNATURES = 'the signatures of heads';

/**
 * Checks everything a collector keeps under its storage path: the journal's chain and signed heads, and every file of
 * telemetry and of the other parts by its checksums. Reads only; a collector may run.
 *
 * @throws PlimsollError 'not_found' where there is no data.
 */
export async function verifyStorage(
  storagePath: string,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<StorageVerification> {
  const telemetry = path.join(storagePath, 'telemetry');
  const isData = [path.join(telemetry, 'store.json'), path.join(storagePath, JOURNAL_FILE)].some(isThere);
  if (!isData && missingState(storagePath).length === 0) {
    throw new PlimsollError(
      'not_found',
      `there is no journal in ${storagePath}, and no telemetry: --storage.path names where a collector keeps its data`,
    );
  }
  const faults: Fault[] = [];
  const notes: string[] = [];
  const journal = await verifyDesk(storagePath, faults);
  for (const file of missingState(storagePath)) {
    faults.push({ file, what: MISSING, affected: contentOf(file) });
  }
  const databases = listStateFiles(storagePath).databases.filter((file) => !file.startsWith('telemetry/'));
  let bytes = 0;
  for (const file of databases) {
    faults.push(...(await settled(path.join(storagePath, file), () => verifyDatabase(storagePath, file))));
    bytes += statSync(path.join(storagePath, file)).size;
    const note = uncheckedNote(storagePath, file);
    if (note !== null) notes.push(note);
  }
  const store = existsSync(telemetry) ? await verifyStore(telemetry, onProgress) : NO_STORE;

  return {
    files: databases.length + store.files,
    bytes: bytes + store.bytes,
    series: store.series,
    journal,
    faults: [...faults, ...store.faults.map((fault) => ({ ...fault, file: inTelemetry(fault.file) }))],
    notes: [...notes, ...store.notes.map(inTelemetry)],
  };
}

async function verifyDesk(storagePath: string, faults: Fault[]): Promise<JournalVerification | null> {
  const directory = path.join(storagePath, 'desk');
  const file = path.join(storagePath, JOURNAL_FILE);
  if (!existsSync(file) || hasHotJournal(file)) return null;
  faults.push(
    ...checkKey(directory),
    ...(await settled(path.join(directory, HEADS_FILE), () => checkHeads(directory))),
  );
  try {
    const journal = await verifyJournal(directory);
    for (const what of journal.faults) {
      const isHeads = what.includes('head');
      faults.push({
        file: isHeads ? HEADS : JOURNAL_FILE,
        what,
        affected: isHeads
          ? `the proof that nothing of ${JOURNAL_FILE} was cut or changed`
          : 'incidents and problems',
      });
    }
    if (journal.heads === 0 && journal.faults.some((what) => what.includes('signature'))) {
      faults.push({
        file: KEY,
        what: FOREIGN_KEY,
        affected: SIGNATURES,
      });
    }
    return journal;
  } catch (error) {
    const what = PlimsollError.from(error).message;
    faults.push({ file: JOURNAL_FILE, what, affected: 'incidents and problems' });
    return null;
  }
}

function inTelemetry(file: string): string {
  return `telemetry/${file}`;
}
