import type { SelectRequest } from '@plimsoll/promql';
import { histogramFromText } from './histogram-text.ts';
import { identifier, TIME_COLUMN } from './names.ts';
import type { QuestdbClient } from './questdb-client.ts';
import { decodeTexts } from './read-rows.ts';
import { conditionsOf, type ListedSelection } from './read-shared.ts';
import type { SamplesBySeries } from './samples.ts';
import type { SharedTables } from './tables.ts';
import { thinningOf } from './thinning.ts';

/** Adds native histograms, and start timestamps to the samples that the other tables have, of series that are listed. */
export async function selectDetails(
  client: QuestdbClient,
  tables: SharedTables,
  selection: ListedSelection,
  request: SelectRequest,
  samples: SamplesBySeries,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { series } = selection;
  const time = identifier(TIME_COLUMN);
  const conditions = conditionsOf(selection, request.startMs, request.endMs);
  const select = `SELECT ${time}::long / 1000, start, series, histogram FROM ${identifier(tables.details)} WHERE ${conditions}`;
  await client.stream(
    // Before the newest of a series only what a newer number hides can have a histogram.
    thinningOf(request).kind === 'newest' ? `${select} LATEST ON ${time} PARTITION BY series` : select,
    1,
    (timestampMs, [startMs = 0], texts) => {
      const [id, text] = decodeTexts(texts);
      const labels = series.get(id ?? '');
      if (labels === undefined) return;
      const histogram = text === null || text === undefined ? undefined : histogramFromText(text);
      samples.detail(labels, { timestampMs, startMs: startMs || 0, histogram });
      samples.spend(1);
    },
    signal,
  );
}
