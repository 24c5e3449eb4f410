import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { MISSING, missingDatabases } from '../../../page-sums/missing-databases.ts';
import { isSetAside } from '../../../page-sums/set-aside-name.ts';
import { SUMS_SUFFIX, sumsPath } from '../../../page-sums/sums-file.ts';
import { dayStart } from '../head/windows.ts';
import { readLabels } from '../index/index-file.ts';
import { checkIdentity } from '../store-identity.ts';
import { INDEX_NAME } from '../store-paths.ts';
import type { Fault, Progress } from './fault.ts';
import { SeriesNames } from './series-names.ts';
import { settled } from './settled.ts';
import { verifyBlocks } from './verify-blocks.ts';
import { uncheckedNote, verifyDatabase } from './verify-database.ts';
import { describeDayPages } from './verify-day.ts';
import { verifyLog } from './verify-log.ts';

export interface StoreVerification {
  readonly files: number;
  readonly bytes: number;
  readonly series: number;
  readonly faults: readonly Fault[];
  /** What could only be checked in part. */
  readonly notes: readonly string[];
}

const DAY = /^days\/(\d{4}-\d{2}-\d{2})\.db$/;

/**
 * Checks every file of a telemetry store, byte by byte where it carries checksums. Reads only, and works beside a
 * collector that has the store open.
 */
export async function verifyStore(
  root: string,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<StoreVerification> {
  const files = listFiles(root);
  const bytesTotal = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const faults: Fault[] = [];
  const notes: string[] = [];
  const names = loadNames(root, notes);
  faults.push(...(await settled(join(root, 'store.json'), () => checkIdentity(root))));
  for (const path of missingIn(root)) {
    // It may have been dropped, or made anew, at this moment.
    const isMissing = () => (missingIn(root).includes(path) ? [missing(path)] : []);
    faults.push(...(await settled(join(root, path), isMissing)));
  }
  notes.push(...setAsideNotes(root));
  let bytesDone = 0;
  for (const { path, sizeBytes } of files) {
    faults.push(...(await settled(join(root, path), () => verifyFile(root, path, names))));
    const note = path.endsWith('.db') ? uncheckedNote(root, path) : null;
    if (note !== null) notes.push(note);
    onProgress({ bytesDone: (bytesDone += sizeBytes), bytesTotal });
    await turn();
  }
  return { files: files.length + 1, bytes: bytesDone, series: names.size, faults, notes };
}

/** Databases of a store that there were and that are gone. */
export function missingIn(root: string): string[] {
  const telemetry = ['days', 'rollups'].flatMap((directory) =>
    missingDatabases(join(root, directory)).map((name) => `${directory}/${name}`),
  );
  const hasIndex = (statSync(join(root, INDEX_NAME), { throwIfNoEntry: false })?.size ?? 0) > 0;
  const isIndexLost =
    !hasIndex && (existsSync(sumsPath(join(root, INDEX_NAME))) || below(root, 'days', '.db').length > 0);
  return [...(isIndexLost ? [INDEX_NAME] : []), ...telemetry];
}

function missing(file: string): Fault {
  const affected = file === INDEX_NAME ? 'which series all samples are of' : 'all of it';
  return { file, what: MISSING, affected };
}

/** What was damaged once is no part of the store as it is; nobody but people can tell whether it is still needed. */
function setAsideNotes(root: string): string[] {
  const files = ['days', 'rollups'].flatMap((directory) =>
    below(root, directory, '').filter((path) => isSetAside(path)),
  );
  return files.map(
    (path) =>
      `${path}: was found damaged when the store was opened, and set aside: what it has is missing from the store, unless it was restored from a backup since; remove it with its ${SUMS_SUFFIX} and -wal when you need it no more`,
  );
}

function below(root: string, directory: string, ending: string): string[] {
  if (!existsSync(join(root, directory))) return [];
  return readdirSync(join(root, directory))
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => `${directory}/${name}`);
}

function verifyFile(root: string, path: string, names: SeriesNames): readonly Fault[] {
  if (path.endsWith('.log')) return verifyLog(path, readFileSync(join(root, path)));
  if (path.endsWith('.blocks')) return verifyBlocks(path, readFileSync(join(root, path)), names);
  const [, day] = DAY.exec(path) ?? [];
  if (day === undefined) return verifyDatabase(root, path);
  const startMs = dayStart(Date.parse(`${day}T00:00:00Z`));
  return verifyDatabase(root, path, (file, badPages, pageBytes) =>
    describeDayPages(file, startMs, badPages, pageBytes, names),
  );
}

function listFiles(root: string): { path: string; sizeBytes: number }[] {
  const paths = [
    ...(existsSync(join(root, INDEX_NAME)) ? [INDEX_NAME] : []),
    ...below(root, 'log', '.log'),
    ...below(root, 'queue', '.log'),
    ...below(root, 'blocks', '.blocks'),
    ...below(root, 'days', '.db'),
    ...below(root, 'rollups', '.db'),
  ];
  return paths.flatMap((path) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    return stat === undefined ? [] : [{ path, sizeBytes: stat.size }];
  });
}

/** Names make faults readable; they are not needed to find them. */
function loadNames(root: string, notes: string[]): SeriesNames {
  const names = new SeriesNames();
  try {
    readLabels(root, (ref, labels) => names.add(ref, labels));
  } catch (error) {
    notes.push(
      `series are named by their numbers: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return names;
}
