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

/** Adds the samples of the shared table that the request asks for. */
export async function selectShared(
  client: QuestdbClient,
  tables: SharedTables,
  selection: Selection,
  request: SelectRequest,
  samples: SamplesBySeries,
  signal: AbortSignal | undefined,
): Promise<void> {
  const series = await listed(client, tables, selection, request.startMs, request.endMs, signal);
  if (series.size === 0) return;
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
  const conditions = conditionsOf(selection, [...series.keys()], request.startMs, request.endMs);
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

/** The label sets of the shared table that have samples in the range. */
export async function seriesOfShared(
  client: QuestdbClient,
  tables: SharedTables,
  selection: Selection,
  startMs: number,
  endMs: number,
): Promise<readonly Labels[]> {
  const series = await listed(client, tables, selection, startMs, endMs, undefined);
  if (series.size === 0) return [];
  const conditions = conditionsOf(selection, [...series.keys()], startMs, endMs);
  const rows = await client.query(
    `SELECT DISTINCT series FROM ${identifier(tables.samples)} WHERE ${conditions}`,
  );
  return rows.flatMap(([id]) => series.get(String(id)) ?? []);
}

/** The series that match and were written on the days of the range, by their ids. */
async function listed(
  client: QuestdbClient,
  tables: SharedTables,
  selection: Selection,
  startMs: number,
  endMs: number,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Labels>> {
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
  return series;
}

function conditionsOf(selection: Selection, ids: readonly string[], startMs: number, endMs: number): string {
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
