import { type FileLayer, systemFiles } from './files.ts';

/** A file layer for tests whose n-th effect fails, once or from then on until it is healed. */
export class FailingFiles implements FileLayer {
  /** Effects so far. */
  calls = 0;
  /** The names of the effects that failed. */
  readonly failed: string[] = [];
  #failAt = Infinity;
  #lasting = false;
  readonly #code: string;

  constructor(code = 'ENOSPC') {
    this.#code = code;
  }

  /** Lets the n-th effect from now fail, and with `lasting` all later ones too. */
  failAt(n: number, lasting: boolean): void {
    this.calls = 0;
    this.#failAt = n;
    this.#lasting = lasting;
  }

  heal(): void {
    this.#failAt = Infinity;
  }

  openAppend(path: string): number {
    this.#effect('openAppend');
    return systemFiles.openAppend(path);
  }

  append(fd: number, bytes: Uint8Array): void {
    try {
      this.#effect('append');
    } catch (error) {
      // A full disk takes a part of what it is given.
      systemFiles.append(fd, bytes.subarray(0, bytes.length >> 1));
      throw error;
    }
    systemFiles.append(fd, bytes);
  }

  datasync(fd: number): void {
    this.#effect('datasync');
    systemFiles.datasync(fd);
  }

  truncate(fd: number, sizeBytes: number): void {
    this.#effect('truncate');
    systemFiles.truncate(fd, sizeBytes);
  }

  close(fd: number): void {
    systemFiles.close(fd);
  }

  rename(from: string, to: string): void {
    this.#effect('rename');
    systemFiles.rename(from, to);
  }

  remove(path: string): void {
    this.#effect('remove');
    systemFiles.remove(path);
  }

  syncDirectory(path: string): void {
    this.#effect('syncDirectory');
    systemFiles.syncDirectory(path);
  }

  beforeCommit(database: string): void {
    this.#effect('beforeCommit');
    systemFiles.beforeCommit(database);
  }

  #effect(name: string): void {
    this.calls++;
    const fails = this.#lasting ? this.calls >= this.#failAt : this.calls === this.#failAt;
    if (!fails) return;
    this.failed.push(name);
    throw Object.assign(new Error(`${this.#code}: injected into ${name}`), { code: this.#code });
  }
}
