import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FileLayer } from '../files.ts';
import { FILE_HEADER_BYTES, FRAME_HEAD_BYTES, fileHeader, sealFrame } from '../framing.ts';
import { BLOCK_FILE_KIND, BLOCK_VERSION } from './block-codec.ts';

/** `<window start, ms>-<12 random hex digits>.blocks`: a name is never used twice, so it can stand for its content. */
const NAME = /^(\d{1,16})-[0-9a-f]{12}\.blocks$/;

/** Where an encoded block is. */
export interface BlockLocation {
  readonly file: string;
  /** Of the payload, behind the frame's head. */
  readonly offset: number;
  readonly length: number;
}

interface OpenFile {
  readonly name: string;
  readonly fd: number;
  sizeBytes: number;
  /** What is behind was not synced yet: nobody was told of it. */
  toldBytes: number;
  dirty: boolean;
}

/** Appends encoded blocks to one file a window. Lives on the writer's thread. */
export class BlockFiles {
  readonly #directory: string;
  readonly #files: FileLayer;
  readonly #open = new Map<number, OpenFile>();
  /** Files with blocks behind this size, 0 for all of them, that were taken for lost and sealed again elsewhere. */
  readonly #strays = new Map<string, number>();
  #namesDirty = false;

  constructor(directory: string, files: FileLayer) {
    this.#directory = directory;
    this.#files = files;
  }

  /** Appends a frame whose payload lies behind room for its head; durable after `sync`. */
  append(windowStartMs: number, frame: Uint8Array): BlockLocation {
    const open = this.#open.get(windowStartMs) ?? this.#create(windowStartMs);
    sealFrame(frame);
    open.dirty = true;
    this.#files.append(open.fd, frame);
    const offset = open.sizeBytes + FRAME_HEAD_BYTES;
    open.sizeBytes += frame.length;
    return { file: open.name, offset, length: frame.length - FRAME_HEAD_BYTES };
  }

  sync(): void {
    for (const open of this.#open.values()) {
      if (open.dirty) this.#files.datasync(open.fd);
      open.dirty = false;
    }
    if (this.#namesDirty) this.#files.syncDirectory(this.#directory);
    this.#namesDirty = false;
    for (const open of this.#open.values()) open.toldBytes = open.sizeBytes;
    this.#cutStrays();
  }

  /** Later blocks of this window go to a new file. */
  finish(windowStartMs: number): void {
    const open = this.#open.get(windowStartMs);
    this.#open.delete(windowStartMs);
    if (open !== undefined) this.#files.close(open.fd);
  }

  /** After a failure: what is behind it in the files could not be found again. */
  finishAll(): void {
    for (const [windowStartMs, { name, dirty, sizeBytes, toldBytes }] of this.#open) {
      this.finish(windowStartMs);
      if (dirty || sizeBytes > toldBytes) this.#strays.set(name, toldBytes);
    }
    this.#cutStrays();
  }

  remove(names: readonly string[]): void {
    const gone = new Set(names);
    // What comes for the window later would go to a file without a name.
    for (const [windowStartMs, { name }] of this.#open) if (gone.has(name)) this.finish(windowStartMs);
    for (const name of names) {
      this.#strays.delete(name);
      this.#files.remove(join(this.#directory, name));
    }
  }

  /** Takes away what is in no use: found at the next start, it would be there twice. */
  #cutStrays(): void {
    for (const [name, toldBytes] of this.#strays) {
      const path = join(this.#directory, name);
      try {
        if (toldBytes === 0) this.#files.remove(path);
        else this.#cut(path, toldBytes);
      } catch {
        // The disk's state is reported by the failure that led here; it is tried again with the next sync.
        return;
      }
      this.#strays.delete(name);
    }
  }

  #cut(path: string, sizeBytes: number): void {
    const fd = this.#files.openAppend(path);
    try {
      this.#files.truncate(fd, sizeBytes);
    } finally {
      this.#files.close(fd);
    }
  }

  #create(windowStartMs: number): OpenFile {
    const name = `${windowStartMs}-${randomBytes(6).toString('hex')}.blocks`;
    const fd = this.#files.openAppend(join(this.#directory, name));
    const open = { name, fd, sizeBytes: FILE_HEADER_BYTES, toldBytes: 0, dirty: true };
    this.#open.set(windowStartMs, open);
    this.#namesDirty = true;
    this.#files.append(fd, fileHeader(BLOCK_FILE_KIND, BLOCK_VERSION));
    return open;
  }
}

/** The files of blocks in a directory with the windows they belong to. */
export function listBlockFiles(
  directory: string,
): { readonly name: string; readonly windowStartMs: number }[] {
  return readdirSync(directory).flatMap((name) => {
    const start = NAME.exec(name)?.[1];
    return start === undefined ? [] : [{ name, windowStartMs: Number(start) }];
  });
}

export function readBlockFile(directory: string, name: string): Uint8Array {
  return readFileSync(join(directory, name));
}

/** Reads payloads of blocks, keeping a few files open. */
export class BlockReader implements Disposable {
  readonly #directory: string;
  readonly #fds = new Map<string, number>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  read({ file, offset, length }: BlockLocation): Uint8Array {
    const payload = new Uint8Array(length);
    const read = readSync(this.#fd(file), payload, 0, length, offset);
    if (read !== length) throw new Error(`${file} ends within the block at ${offset}`);
    return payload;
  }

  sizeBytes(file: string): number {
    return fstatSync(this.#fd(file)).size;
  }

  forget(file: string): void {
    const fd = this.#fds.get(file);
    this.#fds.delete(file);
    if (fd !== undefined) closeSync(fd);
  }

  [Symbol.dispose](): void {
    for (const file of this.#fds.keys()) this.forget(file);
  }

  #fd(file: string): number {
    let fd = this.#fds.get(file);
    if (fd === undefined) this.#fds.set(file, (fd = openSync(join(this.#directory, file), 'r')));
    return fd;
  }
}
