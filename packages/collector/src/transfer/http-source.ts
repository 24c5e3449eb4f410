import {
  type Labels,
  type Matcher,
  matcherPredicate,
  METRIC_NAME,
  type SeriesColumns,
} from '@plimsoll/promql';
import { compress } from 'snappyjs';
import { decodeSnappy, SnappyError } from '../api/remote-write/decode-snappy.ts';
import { ProtoError } from '../api/remote-write/proto-reader.ts';
import { PlimsollError } from '../errors.ts';
import { selectorText } from '../selector-text.ts';
import { asMetricType, type MetricMetadata } from '../telemetry/store.ts';
import type { ChunkSamples } from './decode-xor-chunk.ts';
import { MAX_BATCH_SAMPLES, type TransferRange, type TransferSource } from './endpoint.ts';
import { type HttpClient, HttpStatusError } from './http-client.ts';
import { joinSamples } from './join-samples.ts';
import {
  decodeChunkedResponse,
  decodeReadResponse,
  encodeReadRequest,
  type ReadPart,
} from './read-protocol.ts';

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'accept-encoding': 'snappy',
  'x-prometheus-remote-read-version': '0.1.0',
};

/** An answer of samples is held in memory; one that is larger is asked for in parts of its time. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
/** Time is not cut below this. */
const MIN_SPAN_MS = 1_000;
/** A scrape is stored when it has ended, with the time at which it began. */
const SETTLES_WITHIN_MS = 30_000;

const ANY_SERIES: readonly Matcher[] = [{ name: METRIC_NAME, type: '!=', value: '' }];
/** How exactly the oldest sample is looked for. */
const OLDEST_STEP_MS = 2 * 3600 * 1000;

/** A running server with Prometheus' remote read: Prometheus, a collector, Thanos, Mimir. */
export class HttpSource implements TransferSource {
  readonly name: string;
  readonly settlesWithinMs = SETTLES_WITHIN_MS;
  readonly #client: HttpClient;
  readonly #nowMs: number;
  /** Chunks or samples of native histograms that were met. */
  #histograms = 0;
  /** Longer times were too much for the server. */
  #maxSpanMs = Infinity;

  constructor(client: HttpClient, nowMs: number) {
    this.name = client.base;
    this.#client = client;
    this.#nowMs = nowMs;
  }

  /** Looks for the first time before which the server knows no label, to two hours. */
  async oldestMs(): Promise<number | null> {
    const anyUntil = async (endMs: number): Promise<boolean> =>
      (await this.labelNames({ selectors: [], startMs: 0, endMs })).length > 0;
    if (!(await anyUntil(this.#nowMs))) return null;
    let before = 0;
    let at = this.#nowMs;
    while (at - before > OLDEST_STEP_MS) {
      const middle = Math.floor((before + at) / 2);
      if (await anyUntil(middle)) at = middle;
      else before = middle;
    }
    return before;
  }

  /**
   * Finds out that the server has remote read, by asking for a millisecond of nothing.
   *
   * @throws PlimsollError 'failed_precondition' where it has not, 'unavailable' where there is none.
   */
  async probe(): Promise<void> {
    const nothing: Matcher[] = [{ name: METRIC_NAME, type: '=', value: 'plimsoll:none' }];
    for await (const _ of this.#readOnce(nothing, 0, 0, new AbortController().signal)) break;
  }

  async *read(
    { selectors, startMs, endMs }: TransferRange,
    signal: AbortSignal,
  ): AsyncGenerator<readonly SeriesColumns[]> {
    const earlier: (readonly Matcher[])[] = [];
    for (const selector of selectors) {
      // A server finds nothing for no matcher at all.
      const matchers = selector.length === 0 ? ANY_SERIES : selector;
      const isNew = (labels: Labels): boolean => !earlier.some((other) => meets(labels, other));
      yield* inBatches(this.#readSelector(matchers, startMs, endMs, signal), isNew);
      earlier.push(matchers);
    }
  }

  async metadata(): Promise<readonly MetricMetadata[]> {
    let families: unknown;
    try {
      families = await this.#getData('metadata', []);
    } catch (error) {
      // It tells only what metrics mean; not every server has it.
      if (error instanceof HttpStatusError) return [];
      throw error;
    }
    return Object.entries(families as Readonly<Record<string, readonly Partial<MetricMetadata>[]>>).flatMap(
      ([family, [first]]) =>
        first === undefined
          ? []
          : [{ family, type: asMetricType(first.type), help: first.help ?? '', unit: first.unit ?? '' }],
    );
  }

  remarks(): readonly string[] {
    if (this.#histograms === 0) return [];
    return [`native histograms of ${this.name} were left out: only samples that are numbers are taken over`];
  }

  async labelNames(range: TransferRange): Promise<readonly string[]> {
    return (await this.#getData('labels', parametersOf(range))) as readonly string[];
  }

  async labelValues(name: string, range: TransferRange): Promise<readonly string[]> {
    return (await this.#getData(`label/${name}/values`, parametersOf(range))) as readonly string[];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #getData(path: string, parameters: readonly (readonly [string, string])[]): Promise<unknown> {
    const query = new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString();
    const request = { path: `api/v1/${path}${query === '' ? '' : `?${query}`}`, method: 'GET' } as const;
    const response = await this.#client.send(request, new AbortController().signal);
    const answer = (await response.json()) as { readonly data: unknown };
    return answer.data;
  }

  /** Parts of each series follow each other; those of one that is read in several times do not. */
  async *#readSelector(
    matchers: readonly Matcher[],
    startMs: number,
    endMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<ReadPart> {
    for (let from = startMs; from <= endMs;) {
      const to = Math.min(endMs, from + this.#maxSpanMs - 1);
      try {
        for await (const part of this.#readOnce(matchers, from, to, signal)) {
          this.#histograms += part.histograms;
          yield { ...part, samples: part.samples.map((samples) => within(samples, from, to)) };
        }
        from = to + 1;
      } catch (error) {
        if (!(error instanceof TooMuch) || to - from < MIN_SPAN_MS) throw error;
        this.#maxSpanMs = Math.ceil((to - from + 1) / 2);
      }
    }
  }

  async *#readOnce(
    matchers: readonly Matcher[],
    startMs: number,
    endMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<ReadPart> {
    const body = new Uint8Array(compress(encodeReadRequest(matchers, startMs, endMs)));
    let response: Response;
    try {
      response = await this.#client.send(
        { path: 'api/v1/read', method: 'POST', headers: HEADERS, body },
        signal,
      );
    } catch (error) {
      throw readFailure(this.name, error);
    }
    try {
      if (response.headers.get('content-type')?.startsWith('application/x-streamed-protobuf') === true) {
        if (response.body !== null) yield* decodeChunkedResponse(response.body);
      } else {
        yield* decodeReadResponse(decodeSnappy(await response.bytes(), MAX_ANSWER_BYTES));
      }
    } catch (error) {
      if (error instanceof SnappyError && error.message.includes('larger')) throw new TooMuch(error.message);
      if (!(error instanceof ProtoError || error instanceof SnappyError || error instanceof TypeError))
        throw error;
      throw new PlimsollError(
        'unavailable',
        `the answer of ${this.name} to a remote read cannot be read: ${error.message}; the same command goes on from here`,
        { cause: error },
      );
    }
  }
}

/** The answer would be over a limit: less time has to be asked for. */
class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

function readFailure(name: string, error: unknown): unknown {
  if (!(error instanceof HttpStatusError)) return error;
  if (error.reason.includes('exceeded sample limit')) return new TooMuch(error.message, { cause: error });
  const isAbsent = error.status === 404 || /unsupported path/i.test(error.reason);
  const message = isAbsent
    ? `${name} has no remote read (${error.status} for /api/v1/read): give the address of a Prometheus or a collector, with its path prefix if it has one`
    : `${name} refuses a remote read: ${error.reason}`;
  return new PlimsollError('failed_precondition', message, { cause: error });
}

function meets(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => matcherPredicate(matcher)(labels.get(matcher.name)));
}

/** Servers send whole chunks: what lies outside of the time asked for is left out. */
function within(samples: ChunkSamples, startMs: number, endMs: number): ChunkSamples {
  const { timestamps, values } = samples;
  let from = 0;
  let to = timestamps.length;
  while (from < to && (timestamps[from] ?? 0) < startMs) from++;
  while (to > from && (timestamps[to - 1] ?? 0) > endMs) to--;
  if (from === 0 && to === timestamps.length) return samples;
  return { timestamps: timestamps.subarray(from, to), values: values.subarray(from, to) };
}

/** Joins the parts of each series, and series to batches. */
async function* inBatches(
  parts: AsyncIterable<ReadPart>,
  isWanted: (labels: Labels) => boolean,
): AsyncGenerator<readonly SeriesColumns[]> {
  let batch: SeriesColumns[] = [];
  let size = 0;
  let labels: Labels | undefined;
  let samples: ChunkSamples[] = [];
  const close = (): void => {
    const columns = labels === undefined ? null : joinSamples(labels, samples);
    if (columns !== null) {
      batch.push(columns);
      size += columns.timestamps.length;
    }
    samples = [];
  };
  for await (const part of parts) {
    if (part.labels.key !== labels?.key) {
      close();
      ({ labels } = part);
    }
    if (!isWanted(part.labels)) continue;
    samples.push(...part.samples);
    if (size < MAX_BATCH_SAMPLES) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  close();
  if (batch.length > 0) yield batch;
}

function parametersOf({ selectors, startMs, endMs }: TransferRange): (readonly [string, string])[] {
  return [
    ['start', String(startMs / 1000)],
    ['end', String(endMs / 1000)],
    ...selectors
      .filter((matchers) => matchers.length > 0)
      .map((matchers) => ['match[]', selectorText(matchers)] as const),
  ];
}
