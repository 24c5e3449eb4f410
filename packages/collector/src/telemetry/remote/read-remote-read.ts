import type { Labels, SelectRequest, SeriesColumns } from '@plimsoll/promql';
import { PlimsollError } from '../../errors.ts';
import { garbage, readError } from './answer-error.ts';
import { type HttpClient, readAll } from './http-client.ts';
import { joinSamples, withinTime } from '../long-term/join-samples.ts';
import type { SampleRun } from '../sample-run.ts';
import { decodeReadAnswer, isUnreadable, READ_HEADERS, readRequestBody } from './read-answer.ts';
import { MAX_ANSWER_BYTES, MAX_READ_SAMPLES } from './remote-options.ts';

/** Reads raw samples by Prometheus' remote read, with native histograms and start timestamps. */
export async function readRemoteRead(
  client: HttpClient,
  queryUrl: string,
  request: SelectRequest,
  signal: AbortSignal | undefined,
): Promise<SeriesColumns[]> {
  const url = `${queryUrl}/api/v1/read`;
  const answer = await client.open({
    url,
    headers: READ_HEADERS,
    body: readRequestBody(request),
    maxAnswerBytes: MAX_ANSWER_BYTES,
    signal,
  });
  if (answer.status !== 200) throw readError(url, { ...answer, body: await readAll(answer.body) });
  const series = new Map<string, { readonly labels: Labels; readonly runs: SampleRun[] }>();
  let count = 0;
  try {
    for await (const { labels, samples } of decodeReadAnswer(answer, MAX_ANSWER_BYTES)) {
      let known = series.get(labels.key);
      if (known === undefined) series.set(labels.key, (known = { labels, runs: [] }));
      for (const run of samples) {
        known.runs.push(withinTime(run, request.startMs, request.endMs));
        count += run.timestamps.length;
      }
      if (count > MAX_READ_SAMPLES) throw tooMany();
    }
  } catch (error) {
    throw isUnreadable(error) ? garbage(url, 'no remote read response', error) : error;
  }
  // Series of the index without a sample in these times are listed too.
  return Array.from(series.values(), ({ labels, runs }) => joinSamples(labels, runs)).filter(
    (columns) => columns !== null,
  );
}

function tooMany(): PlimsollError {
  return new PlimsollError(
    'resource_exhausted',
    `a read would hold more than ${MAX_READ_SAMPLES} samples: narrow the selector or the time range`,
  );
}
