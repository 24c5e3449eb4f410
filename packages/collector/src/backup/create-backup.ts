import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { PLIMSOLL_VERSION } from '@plimsoll/proto';
import { PlimsollError } from '../errors.ts';
import type { StoreCut } from '../telemetry/embedded/embedded-store.ts';
import { hasHotJournal } from '../page-sums/hot-journal.ts';
import { isCorrupt } from '../page-sums/is-corrupt.ts';
import { readIdentity } from '../telemetry/embedded/store-identity.ts';
import { type BackupBase, BackupWriter, type HeldDatabase, holdDatabase, isShared } from './backup-writer.ts';
import { contentOf } from './content-of.ts';
import { damagedHeads, damagesBeside } from './damages-beside.ts';
import { MAX_SMALL_FILE_BYTES } from './limits.ts';
import { type Damage, type Manifest, readManifest, writeManifest } from './manifest.ts';
import { JOURNAL_FILE } from './refuse-damaged-state.ts';
import { overlap, prepareTarget } from './prepare-target.ts';
import { openUnchanging } from '../page-sums/open-unchanging.ts';
import { listGrowingFiles, listStateFiles } from './state-files.ts';
import { hasCode } from '../has-code.ts';

export interface BackupProgress {
  readonly bytesDone: number;
  /** As measured before the copying; what is written meanwhile comes on top. */
  readonly bytesTotal: number;
}

export interface BackupOptions {
  /** Absolute. */
  readonly storagePath: string;
  /** Absolute; new or empty, and not inside the storage path. */
  readonly directory: string;
  /** An earlier backup: days that were not written since are shared with it by hard links. Null copies all. */
  readonly base: string | null;
  /** Holds the telemetry store's files still while they are copied, and draws the line. */
  readonly backUp: <T>(copy: (cut: StoreCut) => Promise<T>) => Promise<T>;
  /** Whether a collector goes on meanwhile. */
  readonly online: boolean;
  /** Configuration, rules and service files, absolute: kept beside the data. */
  readonly configuration: readonly string[];
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BackupProgress) => void;
}

/**
 * Copies a storage path as of one moment, the cut, into a directory. The files of past days come first, while nothing
 * changes them; then the line is drawn in one turn of the event loop over telemetry, journal and all other databases and
 * keys; what belongs before it is copied while the collector goes on. The manifest is written last.
 *
 * What is read is compared with its checksums. Damage does not end a backup: it is copied, and named in the manifest.
 *
 * @throws PlimsollError 'failed_precondition' for a directory that cannot be taken, 'out_of_space', 'unavailable'. What
 * was copied so far is removed then.
 */
export async function createBackup(options: BackupOptions): Promise<Manifest> {
  const { directory, storagePath } = options;
  if (overlap(directory, storagePath)) {
    throw new PlimsollError(
      'invalid_argument',
      `the backup ${directory} and the storage path ${storagePath} overlap: name a directory outside of it`,
    );
  }
  const base = options.base === null ? null : await openBase(options.base);
  const advice = 'a backup needs a directory of its own; name a new one, or remove what is there';
  await prepareTarget(directory, advice);
  try {
    return await fill(options, base);
  } catch (error) {
    for (const name of await readdir(directory)) rmSync(path.join(directory, name), { recursive: true });
    throw describeFailure(error, directory);
  }
}

async function fill(options: BackupOptions, base: BackupBase | null): Promise<Manifest> {
  const { directory, storagePath, now, signal, onProgress } = options;
  const startedAtMs = now();
  const bytesTotal = sizeOf(storagePath);
  await checkSpace(directory, bytesTotal - sharedBytes(storagePath, base));
  let bytesDone = 0;
  const writer = new BackupWriter({
    directory,
    base,
    signal,
    onBytes: (bytes) => onProgress({ bytesDone: (bytesDone += bytes), bytesTotal }),
  });
  const { cutAtMs, journal } = await options.backUp((cut) => copyAll(options, writer, cut));
  for (const [i, original] of options.configuration.entries()) {
    await writer.copy(original, `configuration/${i + 1}-${path.basename(original)}`, { original });
  }
  writer.finish();
  const { damages } = writer;
  const manifest: Manifest = {
    version: damages.length > 0 ? 2 : 1,
    id: randomUUID(),
    program: PLIMSOLL_VERSION,
    startedAt: iso(startedAtMs),
    cutAt: iso(cutAtMs),
    finishedAt: iso(now()),
    online: options.online,
    incarnation: incarnationOf(storagePath),
    journal,
    files: [...writer.files],
    ...(damages.length > 0 ? { damages: [...damages] } : {}),
  };
  await writeManifest(directory, manifest);
  return manifest;
}

interface Cut {
  readonly cutAtMs: number;
  readonly journal: Manifest['journal'];
}

async function copyAll(options: BackupOptions, writer: BackupWriter, cut: StoreCut): Promise<Cut> {
  const { storagePath, directory, now } = options;
  for (const day of listStateFiles(storagePath).days) await copyDay(storagePath, day, writer);
  // One turn: what is appended, journalled or written after it belongs to no part of the backup.
  const [growing, frozen] = await Promise.all([cut(), Promise.try(() => freeze(storagePath, now()))]);
  using held = frozen.held;
  writer.noteDamage(...frozen.damages);
  for (const { path: file, sizeBytes } of growing) {
    await writer
      .copyChecked(path.join(storagePath, 'telemetry', file), `telemetry/${file}`, { sizeBytes })
      .catch((error: unknown) => {
        if (!wasForwarded(file, error)) throw error;
      });
  }
  for (const [file, bytes] of frozen.small) await writer.content(bytes, file);
  writer.noteDamage(...(await damagedHeads(directory)));
  for (const [file, database] of frozen.databases) await writer.database(database, file);
  held.dispose();
  return { cutAtMs: frozen.cutAtMs, journal: journalHead(directory, writer) };
}

/** A segment that only waited to be forwarded to a long-term engine is let go when that has it. */
function wasForwarded(file: string, error: unknown): boolean {
  return file.startsWith('queue/') && hasCode(error, 'ENOENT');
}

async function copyDay(storagePath: string, file: string, writer: BackupWriter): Promise<void> {
  const source = path.join(storagePath, file);
  const logBytes = statSync(`${source}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (logBytes === 0 && !hasHotJournal(source)) {
    await writer.copyOrShare(source, file, statSync(source));
    return;
  }
  using held = holdDatabase(source);
  await writer.database(held, file);
}

interface Frozen {
  readonly cutAtMs: number;
  readonly held: DisposableStack;
  readonly small: readonly (readonly [file: string, bytes: Uint8Array])[];
  readonly databases: readonly (readonly [file: string, database: HeldDatabase])[];
  /** Of what has no checksums of pages or frames. */
  readonly damages: readonly Damage[];
}

/** Takes hold of everything beside the telemetry store as it is now. */
function freeze(storagePath: string, cutAtMs: number): Frozen {
  using cleanup = new DisposableStack();
  const state = listStateFiles(storagePath);
  const databases = state.databases.map(
    (file) => [file, cleanup.use(holdDatabase(path.join(storagePath, file)))] as const,
  );
  const small = state.small.map((file) => [file, readSmall(path.join(storagePath, file))] as const);
  const damages = damagesBeside(storagePath);
  return { cutAtMs, small, databases, damages, held: cleanup.move() };
}

/** A changed identity is among the damages; a restore mints another anyway. */
function incarnationOf(storagePath: string): string {
  try {
    return readIdentity(path.join(storagePath, 'telemetry')).incarnation;
  } catch (error) {
    if (error instanceof PlimsollError && error.code === 'configuration') return 'unknown';
    throw error;
  }
}

function readSmall(file: string): Uint8Array {
  const { size } = statSync(file);
  if (size <= MAX_SMALL_FILE_BYTES) return readFileSync(file);
  throw new PlimsollError(
    'failed_precondition',
    `${file} has ${size} bytes and is nothing that plimsoll made: move it out of the storage path`,
  );
}

function journalHead(directory: string, writer: BackupWriter): Manifest['journal'] {
  const file = path.join(directory, JOURNAL_FILE);
  if (!existsSync(file)) return { events: 0, headHash: null };
  try {
    using database = openUnchanging(file);
    const head = database.prepare('SELECT position, hash FROM event ORDER BY position DESC LIMIT 1').get();
    if (head === undefined) return { events: 0, headHash: null };
    return { events: Number(head['position']), headHash: String(head['hash']) };
  } catch (error) {
    if (!isCorrupt(error, file)) throw error;
    writer.noteDamage({
      path: JOURNAL_FILE,
      what: 'its events cannot be read',
      affected: contentOf(JOURNAL_FILE),
    });
    return { events: 0, headHash: null };
  }
}

async function openBase(directory: string): Promise<BackupBase> {
  const { files, damages = [] } = await readManifest(directory);
  return {
    directory,
    files: new Map(files.map((file) => [file.path, file])),
    damaged: new Set(damages.map((damage) => damage.path)),
  };
}

/** Size of the days that a backup before has as they are. */
function sharedBytes(storagePath: string, base: BackupBase | null): number {
  const shared = listStateFiles(storagePath).days.filter((file) =>
    isShared(base, file, statSync(path.join(storagePath, file))),
  );
  return shared.reduce((sum, file) => sum + statSync(path.join(storagePath, file)).size, 0);
}

async function checkSpace(directory: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize >= neededBytes) return;
  throw new PlimsollError(
    'out_of_space',
    `the backup takes about ${neededBytes} bytes and ${directory} has ${bavail * bsize} free: name a larger disk`,
  );
}

function sizeOf(storagePath: string): number {
  const { days, databases, small } = listStateFiles(storagePath);
  const sizes = [...days, ...databases, ...small].map((file) => statSync(path.join(storagePath, file)).size);
  return [...sizes, ...listGrowingFiles(storagePath).map(({ sizeBytes }) => sizeBytes)].reduce(
    (sum, size) => sum + size,
    0,
  );
}

function describeFailure(error: unknown, directory: string): PlimsollError {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new PlimsollError('out_of_space', `the backup in ${directory} ran out of space and was removed`, {
      cause: error,
    });
  }
  return PlimsollError.from(error, 'unavailable');
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
