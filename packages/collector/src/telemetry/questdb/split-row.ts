import { MAX_WIDE_COLUMNS, MIN_WIDE_COLUMNS } from './limits.ts';
import { canBeColumns } from './names.ts';
import type { WideTable } from './wide-table.ts';

/** A part of a row that fills a wide table. */
export interface WidePart {
  readonly table: WideTable;
  /** For each of the table's metrics where it is in the row. */
  readonly positions: readonly number[];
}

/** Metrics that could have a table of their own. */
export interface Group {
  readonly name: string;
  /** Sorted. */
  readonly metrics: readonly string[];
}

/** Where the samples of a row go. */
export interface Split {
  readonly metrics: readonly string[];
  readonly wide: readonly WidePart[];
  /** Places in the row of samples that fit no table. */
  readonly shared: readonly number[];
  /** What of these could become tables. */
  readonly groups: readonly Group[];
}

/**
 * Decides where a row's samples go: into the largest tables of which the row has every column, the rest into the shared
 * table. Where a metric is twice in the row, the later counts.
 */
export function splitRow(
  metrics: readonly string[],
  labels: readonly string[],
  tables: readonly WideTable[],
): Split {
  const places = new Map(metrics.map((metric, place) => [metric, place]));
  const wide: WidePart[] = [];
  for (const table of tables) {
    const positions = table.metrics.map((metric) => places.get(metric) ?? -1);
    if (positions.includes(-1)) continue;
    wide.push({ table, positions });
    for (const metric of table.metrics) places.delete(metric);
  }
  return {
    metrics,
    wide,
    shared: [...places.values()],
    groups: groupsOf([...places.keys()], labels),
  };
}

/**
 * Metrics by the first two words of their names ("node_memory"), because what one collector of an agent reads comes or
 * fails as a whole; groups too small for a table are put together by the first word.
 */
function groupsOf(metrics: readonly string[], labels: readonly string[]): readonly Group[] {
  const byPrefix = groupBy(metrics, 2);
  const large = [...byPrefix].filter(([, names]) => names.length >= MIN_WIDE_COLUMNS);
  const small = [...byPrefix.values()].filter((names) => names.length < MIN_WIDE_COLUMNS).flat();
  const pooled = [...groupBy(small, 1)].filter(([, names]) => names.length >= MIN_WIDE_COLUMNS);
  return [...large, ...pooled].flatMap(([name, names]) => cut(name, names.toSorted(), labels));
}

function groupBy(metrics: readonly string[], words: number): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const metric of metrics) {
    const prefix = metric.split(/[_:.]/, words).join('_');
    const group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, [metric]);
    else group.push(metric);
  }
  return groups;
}

function cut(name: string, metrics: readonly string[], labels: readonly string[]): readonly Group[] {
  if (!canBeColumns([...labels, ...metrics])) return [];
  const parts = Math.ceil(metrics.length / MAX_WIDE_COLUMNS);
  const size = Math.ceil(metrics.length / parts);
  return Array.from({ length: parts }, (_, part) => ({
    name,
    metrics: metrics.slice(part * size, (part + 1) * size),
  }));
}
