import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { dayFileName } from '../chunk/day-file.ts';
import { dayStart } from '../head/windows.ts';
import { COARSE, FINE } from '../rollup/resolutions.ts';
import { rollupFile } from '../rollup/rollup-file.ts';
import { INDEX_NAME } from '../store-paths.ts';
import type { WriterTask } from './writer-protocol.ts';

/** More than a writer keeps open of either kind: those of its latest tasks. */
const MAX_DAYS = 4;
const MAX_ROLLUPS = 8;

type Guards = Map<string, DatabaseSync>;

/**
 * Keeps write-ahead logs of the databases that a writer has open from being copied back when its thread ends unasked,
 * and its connections with it: the checksums would not know of these pages. As long as another connection is there,
 * SQLite leaves the log to whoever opens the database next; one that only reads copies nothing back at its own end.
 */
export class WriterGuards implements Disposable {
  readonly #root: string;
  readonly #index: DatabaseSync | undefined;
  readonly #days: Guards = new Map();
  readonly #rollups: Guards = new Map();

  constructor(root: string) {
    this.#root = root;
    const index = guardOf(join(root, INDEX_NAME));
    if (index === undefined || hasRead(index)) this.#index = index;
    else index.close();
  }

  /** Guards what a task writes to. Told before a task, and behind it: a new database is there only then, without checksums so far. */
  cover(task: WriterTask): void {
    if (task.kind === 'merge' || task.kind === 'purge') {
      const day = dayStart(task.windowStartMs);
      this.#hold(this.#days, `days/${dayFileName(day)}`, MAX_DAYS);
      if (task.kind === 'purge') this.#holdRollups(day);
    } else if (task.kind === 'roll-up') this.#holdRollups(task.dayStartMs);
    else if (task.kind === 'keep-rollups') for (const day of task.days) this.#holdRollups(day);
    else if (task.kind === 'remove-days')
      for (const day of task.days) letGo(this.#days, `days/${dayFileName(day)}`);
    else if (task.kind === 'remove-rollups')
      for (const name of task.files) letGo(this.#rollups, `rollups/${name}`);
  }

  /** Only when the writer has ended. */
  [Symbol.dispose](): void {
    this.#index?.close();
    for (const guards of [this.#days, this.#rollups]) for (const name of guards.keys()) letGo(guards, name);
  }

  #holdRollups(dayStartMs: number): void {
    for (const resolution of [FINE, COARSE])
      this.#hold(this.#rollups, `rollups/${rollupFile(resolution, dayStartMs).name}`, MAX_ROLLUPS);
  }

  /** The latest is the last, and the first of too many is let go. */
  #hold(guards: Guards, name: string, max: number): void {
    const guard = guards.get(name) ?? guardOf(join(this.#root, name));
    if (guard === undefined) return;
    // One that was empty when it was read has no lock so far.
    if (!hasRead(guard)) {
      guard.close();
      guards.delete(name);
      return;
    }
    guards.delete(name);
    guards.set(name, guard);
    const [first] = guards.keys();
    if (guards.size > max && first !== undefined) letGo(guards, first);
  }
}

/** Undefined where the database is not there, or cannot be read: that is for the writer to say. */
function guardOf(path: string): DatabaseSync | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return new DatabaseSync(path, { readOnly: true });
  } catch {
    return undefined;
  }
}

/** A connection counts once it has read. */
function hasRead(guard: DatabaseSync): boolean {
  try {
    guard.prepare('SELECT count(*) FROM sqlite_schema').get();
    return true;
  } catch {
    return false;
  }
}

function letGo(guards: Guards, name: string): void {
  guards.get(name)?.close();
  guards.delete(name);
}
