import { writeStaleMarker } from '@plimsoll/proto';
import { Labels, type SelectRequest, type SeriesColumns } from '@plimsoll/promql';
import { z } from 'zod';
import { garbage } from './answer-error.ts';
import type { HttpClient } from './http-client.ts';
import { postForm } from './post-form.ts';
import { selectorText } from '../../selector-text.ts';

/** Numbers are not looked at one by one: that costs more than parsing them, and what is none becomes NaN. */
const numbers = z.custom<readonly (number | string | null)[]>(Array.isArray);
const shape = z.object({
  metric: z.record(z.string(), z.string()),
  values: numbers,
  timestamps: z.custom<readonly number[]>(Array.isArray),
});

const NEWLINE = 10;

/** Reads raw samples from VictoriaMetrics' export: a line of JSON for each series. */
export async function readExport(
  client: HttpClient,
  queryUrl: string,
  { matchers, startMs, endMs }: SelectRequest,
  signal: AbortSignal | undefined,
): Promise<SeriesColumns[]> {
  const url = `${queryUrl}/api/v1/export`;
  const form = new URLSearchParams({
    'match[]': selectorText(matchers),
    start: String(Math.ceil(startMs) / 1000),
    end: String(Math.floor(endMs) / 1000),
  });
  const body = await postForm(client, url, form, signal);
  const found: SeriesColumns[] = [];
  try {
    for (const text of linesOf(body)) found.push(toColumns(text));
  } catch (error) {
    throw garbage(url, 'no lines of series', error);
  }
  return found;
}

function* linesOf(body: Buffer): Generator<string, void> {
  for (let from = 0; from < body.length;) {
    const end = body.indexOf(NEWLINE, from);
    const to = end < 0 ? body.length : end;
    if (to > from) yield body.toString('utf8', from, to);
    from = to + 1;
  }
}

function toColumns(text: string): SeriesColumns {
  const { metric, values, timestamps } = shape.parse(JSON.parse(text));
  if (values.length !== timestamps.length) throw new RangeError('a series has as many values as timestamps');
  const columns = { timestamps: Float64Array.from(timestamps), values: new Float64Array(values.length) };
  values.forEach((value, i) => {
    if (typeof value === 'number') columns.values[i] = value;
    // VictoriaMetrics keeps no NaN but the stale marker.
    else if (value === null) writeStaleMarker(columns.values, i);
    else columns.values[i] = Number(value);
  });
  return { labels: Labels.of(metric), ...columns };
}
