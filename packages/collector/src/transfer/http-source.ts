import {
  type Labels,
  type Matcher,
  matcherPredicate,
  METRIC_NAME,
  type SeriesColumns,
} from '@plimsoll/promql';
import { SnappyError } from '../api/remote-write/decode-snappy.ts';
import { PlimsollError } from '../errors.ts';
import { selectorText } from '../selector-text.ts';
import { asMetricType, type MetricMetadata } from '../telemetry/store.ts';
import { type HttpStream, readAll } from '../telemetry/remote/http-client.ts';
import { joinSamples, withinTime } from '../telemetry/long-term/join-samples.ts';
import type { SampleRun } from '../telemetry/sample-run.ts';
import {
  decodeReadAnswer,
  isUnreadable,
  READ_HEADERS,
  readRequestBody,
} from '../telemetry/remote/read-answer.ts';
import type { ReadPart } from '../telemetry/remote/read-protocol.ts';
import { MAX_BATCH_SAMPLES, type TransferRange, type TransferSource, weightIn } from './endpoint.ts';
import { oldestOf } from './edge-times.ts';
import { HttpStatusError, type ServerClient } from './server-client.ts';

/** An answer of samples is held in memory; one that is larger is asked for in parts of its time. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
/** Time is not cut below this. */
const MIN_SPAN_MS = 1_000;
/** A scrape is stored when it has ended, with the time at which it began. */
const SETTLES_WITHIN_MS = 30_000;

const ANY_SERIES: readonly Matcher[] = [{ name: METRIC_NAME, type: '!=', value: '' }];

/** A running server with Prometheus' remote read: Prometheus, a collector, Thanos, Mimir. */
export class HttpSource implements TransferSource {
  readonly name: string;
  readonly settlesWithinMs = SETTLES_WITHIN_MS;
  readonly #client: ServerClient;
  readonly #nowMs: number;
  /** Longer times were too much for the server. */
  #maxSpanMs = Infinity;

  constructor(client: ServerClient, nowMs: number) {
    this.name = client.base;
    this.#client = client;
    this.#nowMs = nowMs;
  }

  /** Looks for the first time before which the server knows no label, to a minute. */
  oldestMs(): Promise<number | null> {
    return oldestOf(this, this.#nowMs);
  }

  /**
   * Finds out that the server has remote read, by asking for a millisecond of nothing.
   *
   * @throws PlimsollError 'failed_precondition' where it has not, 'unavailable' where there is none.
   */
  async probe(): Promise<void> {
    const nothing: Matcher[] = [{ name: METRIC_NAME, type: '=', value: 'plimsoll:none' }];
    try {
      for await (const _ of this.#readOnce(nothing, 0, 0, new AbortController().signal)) break;
    } catch (error) {
      if (!(error instanceof PlimsollError) || error.details['unreadable'] !== true) throw error;
      throw new PlimsollError(
        'failed_precondition',
        `what ${this.name} answers to a remote read cannot be read: is it a Prometheus or a collector, and is the address right?`,
        { cause: error },
      );
    }
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
    return [];
  }

  async labelNames(range: TransferRange): Promise<readonly string[]> {
    return (await this.#getData('labels', parametersOf(range))) as readonly string[];
  }

  async labelValues(name: string, range: TransferRange): Promise<readonly string[]> {
    return (await this.#getData(`label/${name}/values`, parametersOf(range))) as readonly string[];
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
    return Promise.resolve();
  }

  async #getData(path: string, parameters: readonly (readonly [string, string])[]): Promise<unknown> {
    const query = new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString();
    const request = { path: `api/v1/${path}${query === '' ? '' : `?${query}`}` };
    const { body } = await this.#client.send(request, new AbortController().signal);
    const answer = JSON.parse((await readAll(body)).toString('utf8')) as { readonly data: unknown };
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
          yield { ...part, samples: part.samples.map((run) => withinTime(run, from, to)) };
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
    const body = readRequestBody({ matchers, startMs, endMs });
    let answer: HttpStream;
    try {
      answer = await this.#client.send({ path: 'api/v1/read', headers: READ_HEADERS, body }, signal);
    } catch (error) {
      throw readFailure(this.name, error);
    }
    try {
      yield* decodeReadAnswer(answer, MAX_ANSWER_BYTES);
    } catch (error) {
      if (error instanceof SnappyError && error.message.includes('larger')) throw new TooMuch(error.message);
      signal.throwIfAborted();
      const broke = error instanceof PlimsollError && error.code === 'unavailable';
      if (!broke && !isUnreadable(error)) throw error;
      throw new PlimsollError(
        'unavailable',
        `the answer of ${this.name} to a remote read cannot be read: ${error.message}; the same command goes on from here`,
        { cause: error, details: { unreadable: !broke } },
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

/** Joins the parts of each series, and series to batches. */
async function* inBatches(
  parts: AsyncIterable<ReadPart>,
  isWanted: (labels: Labels) => boolean,
): AsyncGenerator<readonly SeriesColumns[]> {
  let batch: SeriesColumns[] = [];
  let size = 0;
  let labels: Labels | undefined;
  let samples: SampleRun[] = [];
  const close = (): void => {
    const columns = labels === undefined ? null : joinSamples(labels, samples);
    if (columns !== null) {
      batch.push(columns);
      size += weightIn([columns]);
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
