import type { Answer, Series } from '../../peers/differential/ask.ts';
import { labelsKey, pointsOf, sameValue } from '../../peers/differential/compare-answers.ts';
import { getJson } from '../../support/program.ts';
import { addressOf, type QueryRow } from './query-rows.ts';
import type { Measured } from './start-peer.ts';

/** Throws where a peer answers otherwise than ours: count and labels of the series, every value within 1e-9. */
export async function compareRow(
  [ours, ...theirs]: readonly Measured[],
  row: QueryRow,
  end: number,
): Promise<void> {
  if (ours === undefined) return;
  const mine = await seriesOf(ours, row, end);
  if (mine.length === 0) throw new Error(`${row.query} selects nothing`);
  const values = new Map(mine.map((series) => [keyOf(series), series]));
  for (const peer of theirs) {
    const series = await seriesOf(peer, row, end);
    if (series.length !== mine.length)
      throw new Error(`${row.query}: ${mine.length} series, ${peer.name} has ${series.length}`);
    const tolerance = peer.name === 'VictoriaMetrics' ? row.ownDefinition : undefined;
    for (const one of series) {
      const difference = differenceOf(values.get(keyOf(one)), one, tolerance);
      if (difference !== undefined)
        throw new Error(`${row.query}: ${peer.name} disagrees about ${keyOf(one)}: ${difference}`);
    }
  }
}

async function seriesOf({ url }: Measured, row: QueryRow, end: number): Promise<readonly Series[]> {
  const { data } = await getJson<Answer>(addressOf(url, row, end));
  if (data === undefined || !(data.resultType === 'vector' || data.resultType === 'matrix'))
    throw new Error(`${row.query} gives no series`);
  return data.result as readonly Series[];
}

/** VictoriaMetrics keeps the name where a function does not change what is measured. */
function keyOf({ metric }: Series): string {
  return labelsKey({ ...metric, __name__: '' });
}

function differenceOf(mine: Series | undefined, theirs: Series, tolerance?: number): string | undefined {
  if (mine === undefined) return 'ours has no such series';
  const own = pointsOf(mine);
  const other = pointsOf(theirs);
  if (own.length !== other.length) return `${own.length} points, there ${other.length}`;
  for (const [index, [time, value]] of own.entries()) {
    const [theirTime, theirValue] = other[index] ?? [Number.NaN, ''];
    if (time !== theirTime || !sameValue(value, theirValue, tolerance))
      return `${value} at ${time}, there ${theirValue} at ${theirTime}`;
  }
  return undefined;
}
