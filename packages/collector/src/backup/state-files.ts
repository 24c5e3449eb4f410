import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { hasHotJournal, JOURNAL_SUFFIX } from '../page-sums/hot-journal.ts';
import { isSetAside } from '../page-sums/set-aside-name.ts';
import { SUMS_SUFFIX, sumsPath } from '../page-sums/sums-file.ts';
import { storePaths } from '../telemetry/embedded/store-paths.ts';
import { cutFiles } from '../telemetry/embedded/writer/cut-files.ts';
import type { CutFile } from '../telemetry/embedded/writer/writer-protocol.ts';
import { namesIn } from '../names-in.ts';

/** What lies in a storage path, by how it has to be copied. Paths are below the storage path, with forward slashes. */
export interface StateFiles {
  /** A telemetry day, or what was set aside of telemetry; nothing writes it while the store is being backed up. */
  readonly days: readonly string[];
  /** Other databases: each is copied as it is when the line is drawn. */
  readonly databases: readonly string[];
  /** Keys, tokens, the identity: read as a whole when the line is drawn. */
  readonly small: readonly string[];
}

/**
 * Made anew by whoever misses it, or of no use elsewhere: tables made from the journal, the sign of life, the lock, the
 * bound addresses, what the last scrub found, and the agent of this host, whose identity belongs to this machine.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'agent',
  'addresses.json',
  'desk/alive',
  'desk/projections.db',
  'scrub.json',
  'telemetry/lock',
]);
/** Files that only grow come with the telemetry store's own line. */
const GROWING: ReadonlySet<string> = new Set(['telemetry/log', 'telemetry/queue', 'telemetry/blocks']);
/** What belongs to a database or is not finished. */
const COMPANIONS = ['-wal', '-shm', JOURNAL_SUFFIX, SUMS_SUFFIX, '.new'];
const DAYS = 'telemetry/days/';
const SQLITE_MAGIC = 'SQLite format 3\0';

/** Everything under the storage path belongs to a backup unless it is known not to. */
export function listStateFiles(storagePath: string): StateFiles {
  const days: string[] = [];
  const databases: string[] = [];
  const small: string[] = [];
  for (const file of filesBelow(storagePath, '')) {
    if (file.startsWith(DAYS) || isSetAside(file)) days.push(file);
    else if (isDatabase(path.join(storagePath, file))) databases.push(file);
    else small.push(file);
  }
  return { days, databases, small };
}

/** The files of log and blocks with their sizes, below `telemetry/`, for a store that nobody has open. */
export function listGrowingFiles(storagePath: string): CutFile[] {
  return cutFiles(storePaths(path.join(storagePath, 'telemetry')));
}

function* filesBelow(root: string, below: string): Generator<string, void> {
  for (const name of namesIn(path.join(root, below))) {
    const file = below === '' ? name : `${below}/${name}`;
    if (LEFT_OUT.has(file) || GROWING.has(file) || COMPANIONS.some((ending) => name.endsWith(ending)))
      continue;
    const kind = statSync(path.join(root, file), { throwIfNoEntry: false });
    if (kind?.isDirectory() === true) yield* filesBelow(root, file);
    else if (kind?.isFile() === true) yield file;
  }
}

/** Known by its first bytes, or by what is beside it: a database of any part, also of one added later, is copied as one. */
export function isDatabase(file: string): boolean {
  if (existsSync(sumsPath(file)) || hasHotJournal(file)) return true;
  const fd = openSync(file, 'r');
  try {
    const head = Buffer.alloc(SQLITE_MAGIC.length);
    return readSync(fd, head, 0, head.length, 0) === head.length && head.toString('latin1') === SQLITE_MAGIC;
  } finally {
    closeSync(fd);
  }
}
