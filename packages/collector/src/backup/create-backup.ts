import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { PLIMSOLL_VERSION } from '@plimsoll/proto';
import { PlimsollError } from '../errors.ts';
import type { StoreCut } from '../telemetry/embedded/embedded-store.ts';
import { readIdentity } from '../telemetry/embedded/store-identity.ts';
import { type BackupBase, BackupWriter } from './backup-writer.ts';
import { MAX_SMALL_FILE_BYTES } from './limits.ts';
import { BACKUP_VERSION, type Manifest, readManifest, writeManifest } from './manifest.ts';
import { pinDatabase, type PinnedDatabase } from './pinned-database.ts';
import { overlap, prepareTarget } from './prepare-target.ts';
import { openUnchanging } from '../page-sums/open-unchanging.ts';
import { listGrowingFiles, listStateFiles } from './state-files.ts';

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
  const manifest: Manifest = {
    version: BACKUP_VERSION,
    id: randomUUID(),
    program: PLIMSOLL_VERSION,
    startedAt: iso(startedAtMs),
    cutAt: iso(cutAtMs),
    finishedAt: iso(now()),
    online: options.online,
    incarnation: readIdentity(path.join(storagePath, 'telemetry')).incarnation,
    journal,
    files: [...writer.files],
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
  for (const { path: file, sizeBytes } of growing) {
    await writer
      .copy(path.join(storagePath, 'telemetry', file), `telemetry/${file}`, { sizeBytes })
      .catch((error: unknown) => {
        if (!wasForwarded(file, error)) throw error;
      });
  }
  for (const [file, bytes] of frozen.small) await writer.content(bytes, file);
  for (const [file, database] of frozen.databases) await writer.database(database, file);
  held.dispose();
  return { cutAtMs: frozen.cutAtMs, journal: journalHead(path.join(directory, 'desk/journal.db')) };
}

/** A segment that only waited to be forwarded to a long-term engine is let go when that has it. */
function wasForwarded(file: string, error: unknown): boolean {
  return file.startsWith('queue/') && error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

async function copyDay(storagePath: string, file: string, writer: BackupWriter): Promise<void> {
  const source = path.join(storagePath, file);
  const logBytes = statSync(`${source}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (logBytes === 0) {
    await writer.copyOrShare(source, file, statSync(source));
    return;
  }
  using pinned = pinDatabase(source);
  await writer.database(pinned, file);
}

interface Frozen {
  readonly cutAtMs: number;
  readonly held: DisposableStack;
  readonly small: readonly (readonly [file: string, bytes: Uint8Array])[];
  readonly databases: readonly (readonly [file: string, database: PinnedDatabase])[];
}

/** Takes hold of everything beside the telemetry store as it is now. */
function freeze(storagePath: string, cutAtMs: number): Frozen {
  using cleanup = new DisposableStack();
  const state = listStateFiles(storagePath);
  const databases = state.databases.map(
    (file) => [file, cleanup.use(pinDatabase(path.join(storagePath, file)))] as const,
  );
  const small = state.small.map((file) => [file, readSmall(path.join(storagePath, file))] as const);
  return { cutAtMs, small, databases, held: cleanup.move() };
}

function readSmall(file: string): Uint8Array {
  const { size } = statSync(file);
  if (size <= MAX_SMALL_FILE_BYTES) return readFileSync(file);
  throw new PlimsollError(
    'failed_precondition',
    `${file} has ${size} bytes and is nothing that plimsoll made: move it out of the storage path`,
  );
}

function journalHead(file: string): Manifest['journal'] {
  if (!existsSync(file)) return { events: 0, headHash: null };
  using database = openUnchanging(file);
  const head = database.prepare('SELECT position, hash FROM event ORDER BY position DESC LIMIT 1').get();
  if (head === undefined) return { events: 0, headHash: null };
  return { events: Number(head['position']), headHash: String(head['hash']) };
}

async function openBase(directory: string): Promise<BackupBase> {
  const { files } = await readManifest(directory);
  return { directory, files: new Map(files.map((file) => [file.path, file])) };
}

/** Size of the days that a backup before has as they are. */
function sharedBytes(storagePath: string, base: BackupBase | null): number {
  const shared = listStateFiles(storagePath).days.filter((file) => {
    const before = base?.files.get(file);
    const { size, mtimeMs } = statSync(path.join(storagePath, file));
    return before?.sizeBytes === size && before.modifiedAtMs === mtimeMs;
  });
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
