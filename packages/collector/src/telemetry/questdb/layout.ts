import type { RowLabels } from './describe-series.ts';
import {
  MAX_CANDIDATES,
  MAX_SPLITS,
  MAX_WIDE_TABLES,
  ROWS_BEFORE_SMALLER_TABLE,
  ROWS_BEFORE_TABLE,
  SHARE_BEFORE_SMALLER_TABLE,
} from './limits.ts';
import { type Group, type Split, splitRow } from './split-row.ts';
import { NO_TABLES, type TableSet } from './tables.ts';
import { type WideTable, wideTable } from './wide-table.ts';

/** Label names, the tables with these, and how rows with these were split. */
interface Shape {
  readonly labels: readonly string[];
  /** The largest first. */
  readonly tables: readonly WideTable[];
  readonly splits: Map<string, Split[]>;
}

interface Candidate {
  readonly table: WideTable;
  /** A table with these metrics and more. */
  readonly larger: string | undefined;
  /** Rows of that one when this was seen first. */
  readonly largerRows: number;
  rows: number;
}

/** Decides which samples share a row of which table, and notices which tables would be worth making. */
export class Layout {
  /** Rises whenever splits may have changed. */
  version = 0;
  readonly #prefix: string;
  readonly #shapes = new Map<string, Shape>();
  readonly #candidates = new Map<string, Candidate>();
  readonly #rows = new Map<string, number>();
  #tables: TableSet = NO_TABLES;
  #splits = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Takes what is in the server. */
  use(tables: TableSet): void {
    if (tables === this.#tables) return;
    this.version++;
    this.#tables = tables;
    this.#shapes.clear();
    this.#splits = 0;
    // What was left over is judged anew: most of it may be parts of rows that a batch's edge cut off a new table's.
    this.#candidates.clear();
  }

  /** Where the samples of a row with these labels and metrics go. */
  split({ shape: shapeKey, names }: RowLabels, metrics: readonly string[]): Split {
    const shape = this.#shapes.get(shapeKey) ?? this.#learn(shapeKey, names);
    // Rows of one shape rarely have equally many metrics without having the same.
    const key = `${metrics.length} ${metrics[0]} ${metrics.at(-1)}`;
    const known = shape.splits.get(key);
    const split = known?.find((each) => equal(each.metrics, metrics));
    if (split !== undefined) return split;
    const made = splitRow(metrics, names, shape.tables);
    if (known === undefined) shape.splits.set(key, [made]);
    else known.push(made);
    this.#splits++;
    return made;
  }

  /** Counts a row that was split so. */
  count(split: Split, { names }: RowLabels): void {
    for (const { table } of split.wide) this.#rows.set(table.name, (this.#rows.get(table.name) ?? 0) + 1);
    for (const group of split.groups) this.#candidate(group, names).rows++;
  }

  /** Tables that the rows counted so far call for; they are not named again before `use`. */
  wanted(): readonly WideTable[] {
    const room = MAX_WIDE_TABLES - this.#tables.wide.length;
    const wanted = [...this.#candidates.values()].filter((each) => this.#isWorth(each)).slice(0, room);
    for (const { table } of wanted) this.#candidates.delete(table.name);
    return wanted.map(({ table }) => table);
  }

  #learn(key: string, labels: readonly string[]): Shape {
    if (this.#splits + this.#shapes.size > MAX_SPLITS) {
      this.#shapes.clear();
      this.#splits = 0;
    }
    const { wide, altered } = this.#tables;
    const tables = wide
      .filter((table) => !altered.has(table.name) && equal(table.labels, labels))
      .toSorted((a, b) => b.metrics.length - a.metrics.length);
    const shape = { labels, tables, splits: new Map<string, Split[]>() };
    this.#shapes.set(key, shape);
    return shape;
  }

  #candidate(group: Group, labels: readonly string[]): Candidate {
    const table = wideTable(this.#prefix, group.name, labels, group.metrics);
    const known = this.#candidates.get(table.name);
    if (known !== undefined) return known;
    if (this.#candidates.size >= MAX_CANDIDATES) this.#candidates.clear();
    const larger = this.#tables.wide.find(
      (each) => equal(each.labels, labels) && group.metrics.every((metric) => each.metrics.includes(metric)),
    )?.name;
    const largerRows = larger === undefined ? 0 : (this.#rows.get(larger) ?? 0);
    const candidate = { table, larger, largerRows, rows: 0 };
    this.#candidates.set(table.name, candidate);
    return candidate;
  }

  #isWorth({ table, larger, largerRows, rows }: Candidate): boolean {
    if (this.#tables.wide.some(({ name }) => name === table.name)) return false;
    if (larger === undefined) return rows >= ROWS_BEFORE_TABLE;
    const filled = (this.#rows.get(larger) ?? 0) - largerRows;
    return rows >= ROWS_BEFORE_SMALLER_TABLE && rows >= filled * SHARE_BEFORE_SMALLER_TABLE;
  }
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
