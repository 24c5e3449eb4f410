import { linkSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { systemFiles } from '../telemetry/embedded/files.ts';
import { type Copied, copyFile, hashFile } from './copy-file.ts';
import type { BackupFile } from './manifest.ts';
import type { PinnedDatabase } from './pinned-database.ts';

export interface BackupBase {
  readonly directory: string;
  readonly files: ReadonlyMap<string, BackupFile>;
}

export interface BackupWriterOptions {
  readonly directory: string;
  /** An earlier backup on the same file system whose unchanged days are shared. */
  readonly base: BackupBase | null;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** Fills a backup's directory, and keeps the list of what is in it. */
export class BackupWriter {
  readonly #options: BackupWriterOptions;
  readonly #files: BackupFile[] = [];
  readonly #directories = new Set<string>();

  constructor(options: BackupWriterOptions) {
    this.#options = options;
  }

  get files(): readonly BackupFile[] {
    return this.#files;
  }

  /** Copies a file, or the beginning of one that grows. */
  async copy(
    source: string,
    file: string,
    about: Partial<BackupFile> & { sizeBytes?: number } = {},
  ): Promise<void> {
    const { signal, onBytes } = this.#options;
    const { sizeBytes, ...rest } = about;
    const copied = await copyFile(source, await this.#target(file), {
      signal,
      onBytes,
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
    });
    this.#add(file, copied, rest);
  }

  /** Copies a file that is written rarely, or shares it with the backup before when nothing wrote to it since. */
  async copyOrShare(source: string, file: string, stat: { size: number; mtimeMs: number }): Promise<void> {
    const { base, onBytes } = this.#options;
    const before = base?.files.get(file);
    if (base !== null && before?.sizeBytes === stat.size && before.modifiedAtMs === stat.mtimeMs) {
      linkSync(path.join(base.directory, file), await this.#target(file));
      onBytes(stat.size);
      this.#add(file, before, { modifiedAtMs: stat.mtimeMs });
      return;
    }
    await this.copy(source, file, { modifiedAtMs: stat.mtimeMs });
  }

  async database(pinned: PinnedDatabase, file: string): Promise<void> {
    const { signal, onBytes } = this.#options;
    signal.throwIfAborted();
    const target = await this.#target(file);
    await pinned.copyTo(target);
    this.#add(file, await hashFile(target, { signal, onBytes }));
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
