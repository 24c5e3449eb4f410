import { Labels, type Matcher, METRIC_NAME, type SelectRequest } from '@plimsoll/promql';
import { matcherCondition, timeCondition } from './conditions.ts';
import type { Selection } from './selection.ts';
import { identifier, TIME_COLUMN, toColumnName } from './names.ts';
import type { QuestdbClient } from './questdb-client.ts';
import { decodeTexts } from './read-rows.ts';
import type { SamplesBySeries, SeriesSamples } from './samples.ts';
import { type Thinning, thinningOf } from './thinning.ts';
import type { WideTable } from './wide-table.ts';

/** What of a wide table a selection wants. */
interface Wanted {
  readonly table: WideTable;
  readonly metrics: readonly string[];
  readonly conditions: readonly string[];
}

/** Adds the samples of a wide table that the request asks for. */
export async function selectWide(
  client: QuestdbClient,
  table: WideTable,
  selection: Selection,
  request: SelectRequest,
  samples: SamplesBySeries,
  signal: AbortSignal | undefined,
): Promise<void> {
  const wanted = wantedOf(table, selection, request.startMs, request.endMs);
  if (wanted === null) return;
  // Each metric's newest sample may be in another row: one statement for each of them, or all samples of all.
  const thinning = wanted.metrics.length === 1 ? thinningOf(request) : ALL_SAMPLES;
  const parts = new Map<string, readonly SeriesSamples[]>();
  await client.stream(
    selectSql(wanted, thinning),
    wanted.metrics.length,
    (timestampMs, values, texts) => {
      let series = parts.get(texts);
      if (series === undefined) parts.set(texts, (series = partsOf(wanted, texts, selection, samples)));
      for (let i = 0; i < series.length; i++) {
        const value = values[i] ?? Number.NaN;
        // The server's null is the only NaN it sends.
        if (value === value) series[i]?.push(timestampMs, value);
      }
      samples.spend(series.length);
    },
    signal,
  );
}

const ALL_SAMPLES: Thinning = { kind: 'all' };

/** The label sets of a wide table that have samples in the range. */
export async function seriesOfWide(
  client: QuestdbClient,
  table: WideTable,
  selection: Selection,
  startMs: number,
  endMs: number,
): Promise<readonly Labels[]> {
  const wanted = wantedOf(table, selection, startMs, endMs);
  if (wanted === null) return [];
  const labels = labelColumns(table);
  const counts = wanted.metrics.map((metric) => `count(${identifier(toColumnName(metric))})`);
  const rows = await client.query(
    `SELECT ${[...labels, ...counts].join(', ')} FROM ${identifier(table.name)} WHERE ${wanted.conditions.join(' AND ')}` +
      (labels.length === 0 ? '' : ` GROUP BY ${labels.join(', ')}`),
  );
  return rows.flatMap((row) => {
    const texts = row.slice(0, labels.length) as readonly string[];
    return wanted.metrics
      .filter((_, i) => Number(row[labels.length + i]) > 0)
      .map((metric) => labelsOf(table, metric, texts))
      .filter((each) => selection.matches(each));
  });
}

/** Null where no series of the table can match. */
function wantedOf(table: WideTable, selection: Selection, startMs: number, endMs: number): Wanted | null {
  const metrics = table.metrics.filter((metric) => selection.allows(METRIC_NAME, metric));
  if (metrics.length === 0) return null;
  const conditions = [timeCondition(startMs, endMs)];
  for (const matcher of selection.matchers) {
    if (matcher.name === METRIC_NAME) continue;
    if (!table.labels.includes(matcher.name)) {
      if (!selection.allows(matcher.name, '')) return null;
    } else {
      if (isEmpty(matcher)) return null;
      const condition = matcherCondition(toColumnName(matcher.name), matcher);
      if (condition !== undefined) conditions.push(condition);
    }
  }
  return { table, metrics, conditions };
}

/** Asks for an absent label: no row of a table with that label has none. */
function isEmpty({ type, value }: Matcher): boolean {
  return type === '=' && value === '';
}

function selectSql({ table, metrics, conditions }: Wanted, thinning: Thinning): string {
  const time = identifier(TIME_COLUMN);
  const labels = labelColumns(table);
  const values = metrics.map((metric) => identifier(toColumnName(metric)));
  const [first] = values;
  const present = values.length === 1 ? [`${first} IS NOT NULL`] : [];
  const from = `FROM ${identifier(table.name)} WHERE ${[...conditions, ...present].join(' AND ')}`;
  if (thinning.kind === 'windows') {
    const window = `${thinning.window} AS "window"`;
    return (
      `SELECT time, value${labels.map((label) => `, ${label}`).join('')} FROM (` +
      `SELECT ${[window, ...labels, `max(${time})::long / 1000 AS time`, `last(${first}) AS value`].join(', ')} ${from})`
    );
  }
  const select = `SELECT ${[`${time}::long / 1000 AS time`, ...values, ...labels].join(', ')} ${from}`;
  if (thinning.kind === 'all' || labels.length === 0) return select;
  return `${select} LATEST ON ${time} PARTITION BY ${labels.join(', ')}`;
}

function labelColumns({ labels }: WideTable): readonly string[] {
  return labels.map((label) => identifier(toColumnName(label)));
}

function partsOf(
  { table, metrics }: Wanted,
  texts: string,
  selection: Selection,
  samples: SamplesBySeries,
): readonly SeriesSamples[] {
  const values = decodeTexts(texts) as readonly string[];
  const all = metrics.map((metric) => labelsOf(table, metric, values));
  // The metric's name was checked before; the other labels are the same for all.
  if (all[0] === undefined || !selection.matches(all[0])) return [];
  return all.map((labels) => samples.part(labels));
}

function labelsOf(table: WideTable, metric: string, values: readonly string[]): Labels {
  const entries = table.labels.map((name, i) => [name, values[i] ?? ''] as const);
  return Labels.fromEntries([[METRIC_NAME, metric], ...entries]);
}
