import type { Series } from './series.ts';
import type { SeriesTable } from './series-table.ts';

/**
 * Runs of series that come and go with the things they describe: one run for each disk, network device or CPU. Those
 * not met between `begin` and `end` are ended.
 */
export class KeyedRuns {
  readonly #table: SeriesTable;
  readonly #define: (key: string) => readonly Series[];
  readonly #runs = new Map<string, { readonly first: number; readonly count: number; round: number }>();
  #round = 0;

  constructor(table: SeriesTable, define: (key: string) => readonly Series[]) {
    this.#table = table;
    this.#define = define;
  }

  begin(): void {
    this.#round++;
  }

  /** First slot of the key's run, made when the key is new. */
  at(key: string): number {
    const run = this.#runs.get(key);
    if (run !== undefined) {
      run.round = this.#round;
      return run.first;
    }
    const series = this.#define(key);
    const first = this.#table.add(series);
    this.#runs.set(key, { first, count: series.length, round: this.#round });
    return first;
  }

  end(): void {
    for (const [key, run] of this.#runs) {
      if (run.round === this.#round) continue;
      this.#table.remove(run.first, run.count);
      this.#runs.delete(key);
    }
  }
}
