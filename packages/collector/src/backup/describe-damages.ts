import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openUnchanging } from '../page-sums/open-unchanging.ts';
import { readLabelsOf } from '../telemetry/embedded/index/index-file.ts';
import { dayStart } from '../telemetry/embedded/head/windows.ts';
import { INDEX_NAME } from '../telemetry/embedded/store-paths.ts';
import { someOf } from '../telemetry/embedded/verify/fault.ts';
import { SeriesNames } from '../telemetry/embedded/verify/series-names.ts';
import { verifyBlocks } from '../telemetry/embedded/verify/verify-blocks.ts';
import { describeTables } from '../telemetry/embedded/verify/verify-database.ts';
import { describeDayPages } from '../telemetry/embedded/verify/verify-day.ts';
import { verifyLog } from '../telemetry/embedded/verify/verify-log.ts';
import type { Damage, Manifest } from './manifest.ts';

const DAY = /^telemetry\/days\/(\d{4}-\d{2}-\d{2})\.db$/;

/**
 * Says what was damaged before a backup was taken, one line each, and which series, agents and times that touches: the
 * backup has the damaged bytes. Reads whole files at once; not for the thread of a collector that runs.
 */
export function describeDamages(directory: string, { damages = [] }: Manifest): string[] {
  const affected = affectedByEach(directory, damages);
  return damages.map(
    ({ path: file, what }, i) => `${file}: ${what}, before it was copied; affected: ${affected[i]}`,
  );
}

/** Which series, agents and times each of some damages below a directory touches. Reads as `describeDamages` does. */
export function affectedByEach(directory: string, damages: readonly Damage[]): string[] {
  if (damages.length === 0) return [];
  const names = loadNames(directory);
  return damages.map((damage) => affectedBy(directory, damage, names));
}

function affectedBy(directory: string, damage: Damage, names: SeriesNames): string {
  const { path: file, affected, pages, pageBytes } = damage;
  const copy = path.join(directory, file);
  if (!existsSync(copy)) return affected;
  try {
    if (pages !== undefined && pageBytes !== undefined) {
      const [, day] = DAY.exec(file) ?? [];
      if (day === undefined) return `${describeTables(copy, pages)}; the file holds ${affected}`;
      return describeDayPages(copy, dayStart(Date.parse(`${day}T00:00:00Z`)), pages, pageBytes, names);
    }
    const verify = { '.log': verifyLog, '.blocks': verifyBlocks }[path.extname(file)];
    const faults = verify?.(file, readFileSync(copy), names) ?? [];
    return faults.length === 0 ? affected : someOf(faults.map((fault) => fault.affected ?? affected));
  } catch {
    // What is damaged cannot be read either: what kind of file it is has to do.
    return affected;
  }
}

function loadNames(directory: string): SeriesNames {
  const names = new SeriesNames();
  try {
    using index = openUnchanging(path.join(directory, 'telemetry', INDEX_NAME));
    readLabelsOf(index, (ref, labels) => names.add(ref, labels));
  } catch {
    // Series are named by their numbers then.
  }
  return names;
}
