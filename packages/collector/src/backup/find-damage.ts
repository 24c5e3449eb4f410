import path from 'node:path';
import { type DatabaseCheck, PageCheck, pagesText } from '../page-sums/check-database.ts';
import { isSetAside } from '../page-sums/set-aside-name.ts';
import { SUMS_SUFFIX } from '../page-sums/sums-file.ts';
import { BLOCK_FILE_KIND, BLOCK_VERSION } from '../telemetry/embedded/chunk/block-codec.ts';
import { LOG_FILE_KIND, LOG_VERSION } from '../telemetry/embedded/log/log-records.ts';
import { settled } from '../telemetry/embedded/verify/settled.ts';
import { contentOf } from './content-of.ts';
import { partsOf, type ReadOptions } from './copy-file.ts';
import { FrameCheck, type FrameFileKind } from './frame-check.ts';
import { MAX_PAGES_KEPT } from './limits.ts';
import type { Damage } from './manifest.ts';

/** Looks at a file while it is copied. */
export interface CopyCheck {
  /** Parts in order, each of whole pages but the last. */
  take(part: Uint8Array): void;
  finish(): readonly Damage[];
}

const BY_ENDING: Readonly<Record<string, FrameFileKind>> = {
  '.log': { kind: LOG_FILE_KIND, newestVersion: LOG_VERSION },
  '.blocks': { kind: BLOCK_FILE_KIND, newestVersion: BLOCK_VERSION },
};

/** How a file is checked that nobody writes meanwhile, but at its end; `file` is its path in the backup. */
export async function checkFor(source: string, file: string): Promise<CopyCheck | null> {
  const frames = BY_ENDING[path.extname(file)];
  if (frames !== undefined) {
    const check = new FrameCheck(frames);
    return {
      take: (part) => check.take(part),
      finish: () => check.finish().map((what) => ({ path: file, what, affected: contentOf(file) })),
    };
  }
  // What was set aside is known to be damaged.
  if (isSetAside(file)) return null;
  const check = await PageCheck.begin(source);
  return { take: (part) => check.take(part), finish: () => damagesOf(source, file, check.finish()) };
}

/** Reads a database that may be written meanwhile, and compares it with its checksums. */
export async function findDamage(
  source: string,
  file: string,
  options: ReadOptions,
): Promise<readonly Damage[]> {
  return await settled(source, async () => {
    const check = await PageCheck.begin(source);
    for await (const part of partsOf(source, options)) check.take(part);
    return damagesOf(source, file, check.finish());
  });
}

function damagesOf(source: string, file: string, check: DatabaseCheck): Damage[] {
  const { badPages, pageBytes, faults, isTrusted } = check;
  const affected = contentOf(file);
  const others = faults.map((fault): Damage => {
    const companion = path.basename(fault.file).slice(path.basename(source).length);
    const what = companion === '' ? fault.what : `its ${companion} ${fault.what}`;
    if (companion === SUMS_SUFFIX)
      return { path: file, what: `${fault.what}, and could not be checked`, affected };
    return { path: file, what, affected };
  });
  if (badPages.length === 0) return others;
  const pages = badPages.slice(0, MAX_PAGES_KEPT);
  return [{ path: file, what: pagesText(badPages, isTrusted), affected, pages, pageBytes }, ...others];
}
