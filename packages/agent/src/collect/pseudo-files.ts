import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { MAX_PROC_FILE_BYTES } from '../limits.ts';
import { Scanner } from './scanner.ts';

const INITIAL_BUFFER_BYTES = 64 * 1024;

/**
 * Reads files of /proc and /sys. Descriptors stay open, since reading one from its start makes the kernel produce its
 * text anew, and opening costs more than reading; all files share one buffer and one scanner, so a scan is over when
 * the next begins.
 */
export class PseudoFiles implements Disposable {
  readonly #descriptors = new Map<string, number>();
  readonly #scanner = new Scanner();
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BUFFER_BYTES);

  /** A scanner over the whole file. @throws the system's error when it cannot be read. */
  scan(path: string): Scanner {
    const open = this.#descriptors.get(path);
    if (open === undefined) return this.#scanNew(path);
    try {
      return this.#read(open);
    } catch {
      // The thing behind the descriptor is gone (a removed device): its successor has a new file of this name.
      this.#close(path, open);
      return this.#scanNew(path);
    }
  }

  /** The file's text without the final newline; undefined when it cannot be read, as optional attributes often. */
  text(path: string): string | undefined {
    try {
      return readFileSync(path, 'utf8').trimEnd();
    } catch {
      return undefined;
    }
  }

  /** Closes the descriptor of a file that will not be read again. */
  forget(path: string): void {
    const open = this.#descriptors.get(path);
    if (open !== undefined) this.#close(path, open);
  }

  [Symbol.dispose](): void {
    for (const [path, descriptor] of this.#descriptors) this.#close(path, descriptor);
  }

  #scanNew(path: string): Scanner {
    const descriptor = openSync(path, 'r');
    this.#descriptors.set(path, descriptor);
    return this.#read(descriptor);
  }

  #close(path: string, descriptor: number): void {
    this.#descriptors.delete(path);
    closeSync(descriptor);
  }

  #read(descriptor: number): Scanner {
    let length = 0;
    for (;;) {
      // The kernel hands out a page at a time: only an empty read is the end.
      const got = readSync(descriptor, this.#buffer, length, this.#buffer.length - length, length);
      if (got === 0) return this.#scanner.reset(this.#buffer, length);
      length += got;
      if (length === this.#buffer.length) this.#grow();
    }
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
