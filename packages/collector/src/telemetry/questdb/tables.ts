import { PlimsollError } from '../../errors.ts';
import { TABLES_MAX_AGE_MS } from './limits.ts';
import { fromColumnName, identifier, literal, TIME_COLUMN } from './names.ts';
import type { QuestdbClient } from './questdb-client.ts';
import { createTable, createWideTable, isAsMade, isWideName, type WideTable } from './wide-table.ts';

/** What is in the server of ours. */
export interface TableSet {
  readonly wide: readonly WideTable[];
  /** Wide tables whose columns someone changed: they are read, and not written to. */
  readonly altered: ReadonlySet<string>;
  /** Tables that the server acknowledges writes to without applying them, which it does after an error of its disk. */
  readonly suspended: readonly string[];
}

export const NO_TABLES: TableSet = { wide: [], altered: new Set(), suspended: [] };

/** Samples that fit no wide table, what samples have beside a value, and what series ids stand for. */
export interface SharedTables {
  readonly samples: string;
  readonly details: string;
  readonly series: string;
}

export function sharedTables(prefix: string): SharedTables {
  return { samples: `${prefix}samples`, details: `${prefix}details`, series: `${prefix}series` };
}

/** Our tables in the server, as last seen. */
export class Tables {
  readonly shared: SharedTables;
  readonly prefix: string;
  readonly #client: QuestdbClient;
  readonly #now: () => number;
  readonly #suspendedFound: (tables: readonly string[]) => void;
  #seen: TableSet = NO_TABLES;
  #known: { readonly tables: TableSet; readonly atMs: number } | null = null;

  /** `suspendedFound` is told at each look. */
  constructor(
    client: QuestdbClient,
    prefix: string,
    now: () => number,
    suspendedFound: (tables: readonly string[]) => void,
  ) {
    this.#client = client;
    this.#now = now;
    this.#suspendedFound = suspendedFound;
    this.prefix = prefix;
    this.shared = sharedTables(prefix);
  }

  /** Those last seen. */
  get seen(): TableSet {
    return this.#seen;
  }

  /** Looks again at next use: something was not as it was last seen. */
  forget(): void {
    this.#known = null;
  }

  /** @throws PlimsollError 'configuration' where a table of ours would keep a replayed row twice. */
  async current(signal?: AbortSignal): Promise<TableSet> {
    const known = this.#known;
    if (known !== null && this.#now() - known.atMs < TABLES_MAX_AGE_MS) return known.tables;
    const names = await this.#ours(signal);
    if (!Object.values(this.shared).every((name) => names.has(name))) await this.#createShared(signal);
    const suspended = await this.#suspended(names, signal);
    const tables = { ...(await this.#wide(names, signal)), suspended };
    this.#suspendedFound(suspended);
    this.#seen = tables;
    this.#known = { tables, atMs: this.#now() };
    return tables;
  }

  async create(tables: readonly WideTable[], signal?: AbortSignal): Promise<TableSet> {
    for (const table of tables) await this.#client.query(createWideTable(table), signal);
    this.forget();
    return this.current(signal);
  }

  async #ours(signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
    const rows = await this.#client.query('SELECT table_name, dedup FROM tables()', signal);
    const names = new Set<string>();
    for (const [cell, dedup] of rows) {
      const name = String(cell);
      if (!Object.values(this.shared).includes(name) && !isWideName(this.prefix, name)) continue;
      if (dedup !== true) {
        throw new PlimsollError(
          'configuration',
          `QuestDB's table ${name} keeps replayed rows twice: give it DEDUP keys again (its time and all its labels, ` +
            `or "series"), or rename it`,
          { details: { answered: true, table: name } },
        );
      }
      names.add(name);
    }
    return names;
  }

  async #createShared(signal: AbortSignal | undefined): Promise<void> {
    const { samples, details, series } = this.shared;
    const time = `${identifier(TIME_COLUMN)} TIMESTAMP`;
    const name = 'name SYMBOL';
    const id = 'series SYMBOL CAPACITY 65536';
    const keys = [TIME_COLUMN, 'series'];
    const statements = [
      createTable(samples, [time, name, id, 'value DOUBLE', 'special SYMBOL'], keys, 'DAY'),
      createTable(details, [time, name, id, 'start DOUBLE', 'histogram VARCHAR'], keys, 'DAY'),
      createTable(series, [time, name, id, 'labels VARCHAR'], keys, 'MONTH'),
    ];
    for (const statement of statements) await this.#client.query(statement, signal);
  }

  async #suspended(names: ReadonlySet<string>, signal: AbortSignal | undefined): Promise<readonly string[]> {
    const rows = await this.#client.query('SELECT name FROM wal_tables() WHERE suspended', signal);
    return rows.map(([name]) => String(name)).filter((name) => names.has(name));
  }

  async #wide(
    names: ReadonlySet<string>,
    signal: AbortSignal | undefined,
  ): Promise<Omit<TableSet, 'suspended'>> {
    const rows = await this.#client.query(
      'SELECT table_name, column_name, data_type FROM information_schema.columns() ' +
        `WHERE starts_with(table_name, ${literal(this.prefix)})`,
      signal,
    );
    const found = new Map<string, { labels: string[]; metrics: string[] }>();
    for (const [table, column, type] of rows as readonly (readonly string[])[]) {
      if (table === undefined || column === undefined) continue;
      if (column === TIME_COLUMN || !names.has(table) || !isWideName(this.prefix, table)) continue;
      let columns = found.get(table);
      if (columns === undefined) found.set(table, (columns = { labels: [], metrics: [] }));
      (type === 'double precision' ? columns.metrics : columns.labels).push(fromColumnName(column));
    }
    const wide = Array.from(found, ([name, { labels, metrics }]) => ({
      name,
      labels: labels.toSorted(),
      metrics: metrics.toSorted(),
    })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return {
      wide,
      altered: new Set(wide.filter((table) => !isAsMade(table)).map(({ name }) => name)),
    };
  }
}
