import { DatabaseSync } from 'node:sqlite';
import { LOG_REPEAT_MS } from '../limits.ts';
import { limitRepeats } from '../log-limit.ts';
import type { Runtime } from '../runtime.ts';
import { checkpointAbove, closeSummed, keepSums } from './checkpoint.ts';

/** How often logs are looked at, milliseconds. */
const LOOK_MS = 5000;
/** A write-ahead log is copied back when it has grown this far, bytes: what SQLite takes by itself. */
const MAX_WAL_BYTES = 4 * 1024 * 1024;

/**
 * Keeps checksums of databases that other parts write. Those leave their write-ahead logs alone
 * (`wal_autocheckpoint = 0`); a connection of the keeper's own, which outlives theirs, copies them back.
 */
export class SumsKeeper implements Disposable {
  readonly #databases = new Map<string, DatabaseSync>();
  readonly #warn: ReturnType<typeof limitRepeats>;
  readonly #timer: NodeJS.Timeout;

  constructor(runtime: Runtime) {
    this.#warn = limitRepeats(runtime, LOG_REPEAT_MS);
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** From now on; the file must be there. */
  watch(file: string): void {
    const database = new DatabaseSync(file);
    this.#databases.set(file, database);
    this.#try(file, () => keepSums(database, file));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const [file, database] of this.#databases) this.#try(file, () => closeSummed(database, file));
    this.#databases.clear();
  }

  #look(): void {
    for (const [file, database] of this.#databases) {
      this.#try(file, () => checkpointAbove(database, file, MAX_WAL_BYTES));
    }
  }

  /** Nothing is lost by a checkpoint that fails: the log has it all, and it is tried again. */
  #try(file: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#warn(file, { err: error, file }, 'a write-ahead log could not be copied back; trying again');
    }
  }
}
