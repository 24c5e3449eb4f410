import { dayFileName } from '../chunk/day-file.ts';
import { dayStart } from '../head/windows.ts';
import { COARSE, FINE } from '../rollup/resolutions.ts';
import { rollupFile } from '../rollup/rollup-file.ts';
import type { WriterTask } from './writer-protocol.ts';

/** More than a writer keeps open of either kind: those of its latest tasks. */
const MAX_DAYS = 4;
const MAX_ROLLUPS = 8;

/** The days and rollups that a writer may have open, by the tasks it was given. */
export class WrittenDatabases {
  readonly #days = new Set<string>();
  readonly #rollups = new Set<string>();

  note(task: WriterTask): void {
    if (task.kind === 'merge' || task.kind === 'purge') {
      const day = dayStart(task.windowStartMs);
      touch(this.#days, `days/${dayFileName(day)}`, MAX_DAYS);
      if (task.kind === 'purge') this.#noteRollups(day);
    } else if (task.kind === 'roll-up') this.#noteRollups(task.dayStartMs);
    else if (task.kind === 'keep-rollups') for (const day of task.days) this.#noteRollups(day);
  }

  /** Below the store's directory. */
  names(): string[] {
    return [...this.#days, ...this.#rollups];
  }

  #noteRollups(dayStartMs: number): void {
    for (const resolution of [FINE, COARSE]) {
      touch(this.#rollups, `rollups/${rollupFile(resolution, dayStartMs).name}`, MAX_ROLLUPS);
    }
  }
}

/** Puts a name last, and forgets the first of too many. */
function touch(names: Set<string>, name: string, max: number): void {
  names.delete(name);
  names.add(name);
  const [first] = names;
  if (names.size > max && first !== undefined) names.delete(first);
}
