import { createHash } from 'node:crypto';
import { identifier, TIME_COLUMN, toColumnName } from './names.ts';

/**
 * A table with a row for each time and label set, and a column for each of some metrics that always come together. Its
 * columns never change: a row that lacks one of them is kept elsewhere, because the server replaces whole rows.
 */
export interface WideTable {
  readonly name: string;
  /** Names of the labels besides the metric's name, sorted. Every row has all of them. */
  readonly labels: readonly string[];
  /** Sorted. */
  readonly metrics: readonly string[];
}

/** Characters of the readable part of a table's name. */
const MAX_GROUP_CHARACTERS = 60;

/** Hexadecimal digits that tell tables of one group apart. */
const DIGEST_CHARACTERS = 10;

/** A table for these labels and metrics; its name follows from them, so that making it twice makes it once. */
export function wideTable(
  prefix: string,
  group: string,
  labels: readonly string[],
  metrics: readonly string[],
): WideTable {
  const readable = group
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/g, '')
    .slice(0, MAX_GROUP_CHARACTERS);
  return { name: `${prefix}${readable}_${digestOf(labels, metrics)}`, labels, metrics };
}

/** Whether a table's columns are those its name was made from: nobody changed it. */
export function isAsMade({ name, labels, metrics }: WideTable): boolean {
  return name.endsWith(`_${digestOf(labels, metrics)}`);
}

/** Whether a name looks like one of a wide table. */
export function isWideName(prefix: string, name: string): boolean {
  return name.startsWith(prefix) && /_[0-9a-f]{10}$/.test(name);
}

function digestOf(labels: readonly string[], metrics: readonly string[]): string {
  const text = JSON.stringify([labels, metrics]);
  return createHash('sha256').update(text).digest('hex').slice(0, DIGEST_CHARACTERS);
}

export function createWideTable({ name, labels, metrics }: WideTable): string {
  const columns = [
    `${identifier(TIME_COLUMN)} TIMESTAMP`,
    ...labels.map((label) => `${identifier(toColumnName(label))} SYMBOL`),
    ...metrics.map((metric) => `${identifier(toColumnName(metric))} DOUBLE`),
  ];
  return createTable(name, columns, [TIME_COLUMN, ...labels.map(toColumnName)], 'DAY');
}

/** The statement that makes a table in which a row with the same keys replaces the earlier one. */
export function createTable(
  name: string,
  columns: readonly string[],
  keys: readonly string[],
  partitionBy: 'DAY' | 'MONTH',
): string {
  return (
    `CREATE TABLE IF NOT EXISTS ${identifier(name)} (${columns.join(', ')}) ` +
    `TIMESTAMP(${identifier(TIME_COLUMN)}) PARTITION BY ${partitionBy} WAL ` +
    `DEDUP UPSERT KEYS(${keys.map(identifier).join(', ')})`
  );
}
