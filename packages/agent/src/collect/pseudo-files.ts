import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { MAX_PROC_FILE_BYTES } from '../limits.ts';

const INITIAL_BUFFER_BYTES = 64 * 1024;

/** How the kernel hands out a file: in one read, or in pieces of whole lines until an empty read. */
export type ReadMode = 'whole' | 'pieces';

/**
 * Reads files of /proc and /sys. Descriptors stay open: reading from the start makes the kernel produce the text anew,
 * and opening costs more than reading. The text of a file that several collectors want is read once a collection.
 *
 * Text is taken apart with string functions on purpose: at one collection in ten seconds this code is never compiled,
 * and a loop over bytes is then many times slower than what is built in.
 */
export class PseudoFiles implements Disposable {
  readonly #descriptors = new Map<string, number>();
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BUFFER_BYTES);
  #shared = new Map<string, string>();

  /** Begins a collection: what was read for the last one is old. */
  begin(): void {
    this.#shared.clear();
  }

  /** The file's text. @throws the system's error when it cannot be read. */
  read(path: string, mode: ReadMode, encoding: 'latin1' | 'utf8' = 'latin1'): string {
    const open = this.#descriptors.get(path);
    if (open === undefined) return this.#readNew(path, mode, encoding);
    try {
      return this.#read(open, mode, encoding);
    } catch {
      // The thing behind the descriptor is gone (a removed device): its successor has a new file of this name.
      this.forget(path);
      return this.#readNew(path, mode, encoding);
    }
  }

  /** Like `read`, but once for all collectors of a collection. */
  readShared(path: string, mode: ReadMode): string {
    let text = this.#shared.get(path);
    if (text === undefined) this.#shared.set(path, (text = this.read(path, mode)));
    return text;
  }

  /** The text of a file read seldom, without the final newline; undefined when it cannot be read. */
  attribute(path: string): string | undefined {
    try {
      return readFileSync(path, 'utf8').trimEnd();
    } catch {
      return undefined;
    }
  }

  /** Closes the descriptor of a file that will not be read again. */
  forget(path: string): void {
    const open = this.#descriptors.get(path);
    if (open === undefined) return;
    this.#descriptors.delete(path);
    closeSync(open);
  }

  [Symbol.dispose](): void {
    for (const path of this.#descriptors.keys()) this.forget(path);
  }

  #readNew(path: string, mode: ReadMode, encoding: 'latin1' | 'utf8'): string {
    const descriptor = openSync(path, 'r');
    this.#descriptors.set(path, descriptor);
    return this.#read(descriptor, mode, encoding);
  }

  #read(descriptor: number, mode: ReadMode, encoding: 'latin1' | 'utf8'): string {
    let length = 0;
    for (;;) {
      const got = readSync(descriptor, this.#buffer, length, this.#buffer.length - length, length);
      length += got;
      if (got === 0 || (mode === 'whole' && length < this.#buffer.length)) break;
      if (length === this.#buffer.length) this.#grow();
    }
    return this.#buffer.toString(encoding, 0, length);
  }

  #grow(): void {
    if (this.#buffer.length >= MAX_PROC_FILE_BYTES) {
      throw new Error(`a pseudo file is larger than ${MAX_PROC_FILE_BYTES} bytes`);
    }
    const larger = Buffer.allocUnsafeSlow(this.#buffer.length * 2);
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}
