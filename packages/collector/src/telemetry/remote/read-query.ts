import { Labels, type SelectRequest, type SeriesColumns } from '@plimsoll/promql';
import { z } from 'zod';
import { garbage } from './answer-error.ts';
import type { HttpClient } from './http-client.ts';
import { postForm } from './post-form.ts';
import { selectorText } from '../../selector-text.ts';

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.custom<readonly (readonly [number, string])[]>(Array.isArray),
      }),
    ),
  }),
});

/** Reads raw samples by an instant query for a range, which every server answers. Stale markers are not in it. */
export async function readQuery(
  client: HttpClient,
  queryUrl: string,
  { matchers, startMs, endMs }: SelectRequest,
  signal: AbortSignal | undefined,
): Promise<SeriesColumns[]> {
  const url = `${queryUrl}/api/v1/query`;
  const from = Math.ceil(startMs);
  const to = Math.floor(endMs);
  // A range does not contain its beginning, so it begins a millisecond earlier.
  const form = new URLSearchParams({
    query: `${selectorText(matchers)}[${to - from + 1}ms]`,
    time: String(to / 1000),
  });
  const body = await postForm(client, url, form, signal);
  try {
    const { data } = answerSchema.parse(JSON.parse(body.toString('utf8')));
    return data.result.map(({ metric, values }) => ({
      labels: Labels.of(metric),
      timestamps: Float64Array.from(values, ([seconds]) => Math.round(seconds * 1000)),
      values: Float64Array.from(values, ([, text]) => readNumber(text)),
    }));
  } catch (error) {
    throw garbage(url, 'no matrix', error);
  }
}

function readNumber(text: string): number {
  if (text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text);
}
