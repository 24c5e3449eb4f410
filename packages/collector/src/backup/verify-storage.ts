import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { HEADS_FILE, KEY_FILE, type SignedHead } from '../desk/journal/head-signer.ts';
import { type JournalVerification, verifyJournal } from '../desk/journal/verify-journal.ts';
import { PlimsollError } from '../errors.ts';
import { isThere } from '../is-there.ts';
import type { Fault, Progress } from '../telemetry/embedded/verify/fault.ts';
import { settled } from '../telemetry/embedded/verify/settled.ts';
import { verifyDatabase } from '../telemetry/embedded/verify/verify-database.ts';
import { type StoreVerification, verifyStore } from '../telemetry/embedded/verify/verify-store.ts';
import { contentOf } from './content-of.ts';
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

const KEY = `desk/${KEY_FILE}`;
const SIGNATURES = 'the signatures of heads';
const HEADS = `desk/${HEADS_FILE}`;

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
    faults.push({
      file,
      what: 'is missing or empty, but there was something in it',
      affected: contentOf(file),
    });
  }
  const databases = listStateFiles(storagePath).databases.filter((file) => !file.startsWith('telemetry/'));
  let bytes = 0;
  for (const file of databases) {
    faults.push(...(await settled(path.join(storagePath, file), () => verifyDatabase(storagePath, file))));
    bytes += statSync(path.join(storagePath, file)).size;
    if (!existsSync(path.join(storagePath, `${file}.sums`)))
      notes.push(`${file}: has no checksums yet, its structure was checked`);
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
  if (!existsSync(path.join(storagePath, JOURNAL_FILE))) return null;
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
        what: 'none of the heads was signed with this key, or all of them changed',
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

/** The key's file is compared with the form it was written in, so that no byte of it can change unnoticed. */
function checkKey(directory: string): Fault[] {
  const file = path.join(directory, KEY_FILE);
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  try {
    if (createPrivateKey(text).export({ type: 'pkcs8', format: 'pem' }) === text) return [];
  } catch {
    // Not a key any more: the same fault.
  }
  return [
    { file: `desk/${KEY_FILE}`, what: 'changed since it was written', affected: 'signatures of heads' },
  ];
}

/** A head that cannot be read proves nothing, and was readable once. */
function checkHeads(directory: string): Fault[] {
  const file = path.join(directory, HEADS_FILE);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, i) =>
    line === '' || isHead(line)
      ? []
      : [
          {
            file: HEADS,
            what: `line ${i + 1} is no signed head: torn or damaged`,
            affected: 'that head',
          },
        ],
  );
}

/** A head's line is compared with the form it was written in, down to the last bit of its signature. */
function isHead(line: string): boolean {
  try {
    const { position, hash, signedAtMs, signature } = JSON.parse(line) as SignedHead;
    const rest = Buffer.from(signature, 'base64').toString('base64');
    return JSON.stringify({ position, hash, signedAtMs, signature: rest }) === line;
  } catch {
    return false;
  }
}

function inTelemetry(file: string): string {
  return `telemetry/${file}`;
}
