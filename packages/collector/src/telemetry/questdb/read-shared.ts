import { Labels, METRIC_NAME, type SelectRequest } from '@plimsoll/promql';
import { matcherCondition, timeCondition } from './conditions.ts';
import { MAX_IDS_IN_CONDITION } from './limits.ts';
import { identifier, literal, TIME_COLUMN } from './names.ts';
import type { QuestdbClient } from './questdb-client.ts';
import { decodeTexts } from './read-rows.ts';
import type { SamplesBySeries, SeriesSamples } from './samples.ts';
import type { Selection } from './selection.ts';
import type { SharedTables } from './tables.ts';
import { thinningOf } from './thinning.ts';

const DAY_MS = 86_400_000;

/** A selection with the series that meet it, by their ids. */
export interface ListedSelection extends Selection {
  readonly series: ReadonlyMap<string, Labels>;
}

/** Adds the samples of the shared table that the request asks for, of series that are listed. */
export async function selectShared(
  client: QuestdbClient,
  tables: SharedTables,
  selection: ListedSelection,
  request: SelectRequest,
  samples: SamplesBySeries,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { series } = selection;
  const parts = new Map<string, { readonly samples: SeriesSamples; readonly word: string | null } | null>();
  const bySeries = new Map<string, SeriesSamples>();
  const partOf = (texts: string) => {
    const [id, word = null] = decodeTexts(texts);
    const labels = series.get(id ?? '');
    if (labels === undefined) return null;
    const part = bySeries.get(id ?? '') ?? samples.part(labels);
    bySeries.set(id ?? '', part);
    return { samples: part, word };
  };
  const time = identifier(TIME_COLUMN);
  const conditions = conditionsOf(selection, request.startMs, request.endMs);
  const select = `SELECT ${time}::long / 1000, value, series, special FROM ${identifier(tables.samples)} WHERE ${conditions}`;
  await client.stream(
    // A window's newest row would have to bring two columns of which one is null.
    thinningOf(request).kind === 'newest' ? `${select} LATEST ON ${time} PARTITION BY series` : select,
    1,
    (timestampMs, values, texts) => {
      let part = parts.get(texts);
      if (part === undefined) parts.set(texts, (part = partOf(texts)));
      if (part === null) return;
      if (part.word === null) part.samples.push(timestampMs, values[0] ?? 0);
      else part.samples.pushSpecial(timestampMs, part.word);
      samples.spend(1);
    },
    signal,
  );
}

/** The label sets that have samples in the range, numbers in the shared table or native histograms. */
export async function seriesOfShared(
  client: QuestdbClient,
  tables: SharedTables,
  selection: Selection,
  startMs: number,
  endMs: number,
): Promise<readonly Labels[]> {
  const found = await listSeries(client, tables, selection, { startMs, endMs }, undefined);
  if (found.series.size === 0) return [];
  const conditions = conditionsOf(found, startMs, endMs);
  const rows = await client.query(
    `SELECT series FROM ${identifier(tables.samples)} WHERE ${conditions} UNION ` +
      `SELECT series FROM ${identifier(tables.details)} WHERE ${conditions} AND histogram IS NOT NULL`,
  );
  return rows.flatMap(([id]) => found.series.get(String(id)) ?? []);
}

/** The series that match and were written on the days of the range. */
export async function listSeries(
  client: QuestdbClient,
  tables: SharedTables,
  selection: Selection,
  { startMs, endMs }: Pick<SelectRequest, 'startMs' | 'endMs'>,
  signal: AbortSignal | undefined,
): Promise<ListedSelection> {
  const firstDayMs = Math.floor(startMs / DAY_MS) * DAY_MS;
  const conditions = [timeCondition(firstDayMs, endMs), ...nameConditions(selection)].join(' AND ');
  const rows = await client.query(
    `SELECT DISTINCT series, labels FROM ${identifier(tables.series)} WHERE ${conditions}`,
    signal,
  );
  const series = new Map<string, Labels>();
  for (const [id, json] of rows) {
    const labels = Labels.of(JSON.parse(String(json)) as Record<string, string>);
    if (selection.matches(labels)) series.set(String(id), labels);
  }
  return { ...selection, series };
}

/** A condition for the rows of these series in tables that know series by their ids. */
export function conditionsOf(selection: ListedSelection, startMs: number, endMs: number): string {
  const ids = [...selection.series.keys()];
  const conditions = [timeCondition(startMs, endMs), ...nameConditions(selection)];
  if (ids.length <= MAX_IDS_IN_CONDITION) conditions.push(`series IN (${ids.map(literal).join(', ')})`);
  return conditions.join(' AND ');
}

/** A name that the server cannot hold is null there, and stays in. */
function nameConditions({ matchers }: Selection): readonly string[] {
  return matchers.flatMap((matcher) => {
    const condition = matcher.name === METRIC_NAME ? matcherCondition('name', matcher) : undefined;
    return condition === undefined ? [] : [`(${condition} OR name IS NULL)`];
  });
}
