import { Labels, type Matcher } from '@plimsoll/promql';
import { z } from 'zod';
import { garbage, readError } from './answer-error.ts';
import type { HttpClient } from './http-client.ts';
import { MAX_ANSWER_BYTES } from './remote-options.ts';
import { selectorText } from '../../selector-text.ts';

type Selectors = readonly (readonly Matcher[])[];

const success = z.object({ status: z.literal('success'), data: z.unknown() });
const labelSets = z.array(z.record(z.string(), z.string()));
const names = z.array(z.string());

/** Which series there are, by Prometheus' API. Servers answer from their index, which may know more than the time asked for. */
export async function readSeries(
  client: HttpClient,
  queryUrl: string,
  asked: { readonly selectors: Selectors; readonly startMs: number; readonly endMs: number },
): Promise<Labels[]> {
  if (asked.selectors.length === 0) return [];
  const url = `${queryUrl}/api/v1/series`;
  return (await ask(client, url, asked, labelSets)).map((set) => Labels.of(set));
}

/** Names of labels, or the values of one, sorted. */
export async function readNames(
  client: HttpClient,
  url: string,
  asked: { readonly selectors: Selectors; readonly startMs: number; readonly endMs: number },
): Promise<string[]> {
  return (await ask(client, url, asked, names)).toSorted();
}

async function ask<T>(
  client: HttpClient,
  url: string,
  asked: { readonly selectors: Selectors; readonly startMs: number; readonly endMs: number },
  schema: z.ZodType<T>,
): Promise<T> {
  const form = new URLSearchParams(asked.selectors.map((matchers) => ['match[]', selectorText(matchers)]));
  form.set('start', String(asked.startMs / 1000));
  form.set('end', String(asked.endMs / 1000));
  // Values of a label can only be asked for by GET.
  const answer = await client.send({ url: `${url}?${form.toString()}`, maxAnswerBytes: MAX_ANSWER_BYTES });
  if (answer.status !== 200) throw readError(url, answer);
  try {
    return schema.parse(success.parse(JSON.parse(answer.body.toString('utf8'))).data);
  } catch (error) {
    throw garbage(url, 'no list', error);
  }
}
