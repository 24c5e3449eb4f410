import { linkSync, rmSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { systemFiles } from '../telemetry/embedded/files.ts';
import { type Copied, copyFile, hashFile } from './copy-file.ts';
import { isCutShort, journalPath, rollBackJournal } from '../page-sums/hot-journal.ts';
import { isCorrupt } from '../page-sums/is-corrupt.ts';
import { contentOf } from './content-of.ts';
import { checkFor, findDamage } from './find-damage.ts';
import type { BackupFile, Damage } from './manifest.ts';
import { pinDatabase, type PinnedDatabase } from './pinned-database.ts';

export interface BackupBase {
  readonly directory: string;
  readonly files: ReadonlyMap<string, BackupFile>;
  /** Files that were damaged when it was taken: none of them is shared. */
  readonly damaged: ReadonlySet<string>;
}

/** A database that is to be copied as of now; null where SQLite does not know it for one any more. */
export interface HeldDatabase extends Disposable {
  readonly source: string;
  readonly pinned: PinnedDatabase | null;
  /** Whether a transaction was cut short in it, which is taken back in the copy. */
  readonly isCutShort: boolean;
}

/** @throws as SQLite does where the disk or a lock is in the way. */
export function holdDatabase(source: string): HeldDatabase {
  try {
    const pinned = pinDatabase(source);
    return { source, pinned, isCutShort: false, [Symbol.dispose]: () => pinned[Symbol.dispose]() };
  } catch (error) {
    if (!isCutShort(error) && !isCorrupt(error, source)) throw error;
    return { source, pinned: null, isCutShort: isCutShort(error), [Symbol.dispose]: () => undefined };
  }
}

/** Whether a file was not written since an earlier backup, which has it whole. */
export function isShared(
  base: BackupBase | null,
  file: string,
  { size, mtimeMs }: { readonly size: number; readonly mtimeMs: number },
): boolean {
  const before = base?.files.get(file);
  const isSame = before?.sizeBytes === size && before.modifiedAtMs === mtimeMs;
  return isSame && base?.damaged.has(file) !== true;
}

export interface BackupWriterOptions {
  readonly directory: string;
  /** An earlier backup on the same file system whose unchanged days are shared. */
  readonly base: BackupBase | null;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** Fills a backup's directory, and keeps the lists of what is in it and of what was damaged before. */
export class BackupWriter {
  readonly #options: BackupWriterOptions;
  readonly #files: BackupFile[] = [];
  readonly #damages: Damage[] = [];
  readonly #directories = new Set<string>();

  constructor(options: BackupWriterOptions) {
    this.#options = options;
  }

  get files(): readonly BackupFile[] {
    return this.#files;
  }

  get damages(): readonly Damage[] {
    return this.#damages;
  }

  noteDamage(...damages: readonly Damage[]): void {
    this.#damages.push(...damages);
  }

  /** Copies a file as it is. */
  async copy(source: string, file: string, about: Partial<BackupFile> = {}): Promise<void> {
    const { signal, onBytes } = this.#options;
    this.#add(file, await copyFile(source, await this.#target(file), { signal, onBytes }), about);
  }

  /** Copies a file that carries checksums, or the beginning of one that grows, and compares it with them. */
  async copyChecked(
    source: string,
    file: string,
    { sizeBytes, ...about }: Partial<BackupFile> = {},
  ): Promise<void> {
    const { signal, onBytes } = this.#options;
    const check = await checkFor(source, file);
    const copied = await copyFile(source, await this.#target(file), {
      signal,
      onBytes,
      onPart: (part) => check?.take(part),
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
    });
    this.#add(file, copied, about);
    this.noteDamage(...(check?.finish() ?? []));
  }

  /** Copies a day that is written rarely, or shares it with the backup before when nothing wrote to it since. */
  async copyOrShare(source: string, file: string, stat: { size: number; mtimeMs: number }): Promise<void> {
    const { base, onBytes } = this.#options;
    const before = base?.files.get(file);
    if (base !== null && before !== undefined && isShared(base, file, stat)) {
      linkSync(path.join(base.directory, file), await this.#target(file));
      onBytes(stat.size);
      this.#add(file, before, { modifiedAtMs: stat.mtimeMs });
      return;
    }
    await this.copyChecked(source, file, { modifiedAtMs: stat.mtimeMs });
  }

  /** Copies a database as of when it was taken hold of; its file is compared with its checksums first. */
  async database({ source, pinned, isCutShort: isHalfDone }: HeldDatabase, file: string): Promise<void> {
    const { signal, onBytes } = this.#options;
    signal.throwIfAborted();
    const target = await this.#target(file);
    if (isHalfDone && (await isRolledBack(target, source))) {
      this.#add(file, await hashFile(target, { signal, onBytes }));
      return;
    }
    this.noteDamage(...(await findDamage(source, file, { signal })));
    if (pinned !== null && (await copiedTo(target, pinned, source))) {
      this.#add(file, await hashFile(target, { signal, onBytes }));
      return;
    }
    const what = 'is no database that can be read';
    this.noteDamage({ path: file, what, affected: contentOf(file) });
    await this.copy(source, file);
  }

  async content(bytes: Uint8Array, file: string): Promise<void> {
    const target = await this.#target(file);
    await using to = await open(target, 'wx', 0o600);
    await to.writeFile(bytes);
    await to.datasync();
    this.#add(file, await hashFile(target));
    this.#options.onBytes(bytes.length);
  }

  /** Makes the names durable. */
  finish(): void {
    for (const directory of [...this.#directories].toSorted().toReversed())
      systemFiles.syncDirectory(directory);
    systemFiles.syncDirectory(path.dirname(this.#options.directory));
  }

  async #target(file: string): Promise<string> {
    const { directory } = this.#options;
    const target = path.join(directory, file);
    for (let at = path.dirname(target); at.startsWith(directory); at = path.dirname(at))
      this.#directories.add(at);
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    return target;
  }

  #add(file: string, { sizeBytes, sha256 }: Copied, about: Partial<BackupFile> = {}): void {
    this.#files.push({ path: file, sizeBytes, sha256, ...about });
  }
}

/** Copies a database with its journal, and takes back in the copy what was cut short; false where SQLite cannot. */
async function isRolledBack(target: string, source: string): Promise<boolean> {
  await copyFile(source, target);
  await copyFile(journalPath(source), journalPath(target));
  try {
    rollBackJournal(target);
    return true;
  } catch (error) {
    if (!isCorrupt(error, target)) throw error;
    for (const file of [target, journalPath(target)]) rmSync(file, { force: true });
    return false;
  }
}

/** False where SQLite cannot read the database. */
async function copiedTo(target: string, pinned: PinnedDatabase, source: string): Promise<boolean> {
  try {
    await pinned.copyTo(target);
    return true;
  } catch (error) {
    if (!isCorrupt(error, source)) throw error;
    rmSync(target, { force: true });
    return false;
  }
}
