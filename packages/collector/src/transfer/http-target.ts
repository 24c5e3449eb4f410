import type { Labels, SeriesColumns } from '@plimsoll/promql';
import { compress } from 'snappyjs';
import { PlimsollError } from '../errors.ts';
import type { MetricMetadata } from '../telemetry/store.ts';
import { coveringSelector } from './covering-selector.ts';
import { encodeMetadataRequest, encodeWriteRequest } from './encode-write-request.ts';
import { type ReadBack, type TransferSource, type TransferTarget, WriteRefusal } from './endpoint.ts';
import { type HttpClient, HttpStatusError } from './http-client.ts';

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};

/** Prometheus takes samples up to an hour older than its newest: series are written side by side. */
const WINDOW_MS = 30 * 60 * 1000;
/** Samples of one request: a few hundred KiB, well within what receivers take. */
const MAX_REQUEST_SAMPLES = 20_000;
/** Metadata of one request. */
const MAX_REQUEST_FAMILIES = 500;

/** A running server that takes remote write. It is read back by remote read where it has that. */
export class HttpTarget implements TransferTarget {
  readonly name: string;
  readonly keptFromMs = -Infinity;
  readonly windowMs = WINDOW_MS;
  readonly comparesAlways = false;
  readonly readBack: ReadBack | null;
  readonly #client: HttpClient;

  constructor(client: HttpClient, reader: TransferSource | null) {
    this.name = client.base;
    this.#client = client;
    this.readBack = reader === null ? null : readBackThrough(reader);
  }

  async setMetadata(families: readonly MetricMetadata[]): Promise<void> {
    for (let from = 0; from < families.length; from += MAX_REQUEST_FAMILIES) {
      const message = encodeMetadataRequest(families.slice(from, from + MAX_REQUEST_FAMILIES));
      await this.#post(message, new AbortController().signal);
    }
  }

  async write(batch: readonly SeriesColumns[], signal: AbortSignal): Promise<void> {
    for (const request of inRequests(batch)) await this.#post(encodeWriteRequest(request), signal);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  remarks(): readonly string[] {
    return [];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #post(message: Uint8Array, signal: AbortSignal): Promise<void> {
    const body = new Uint8Array(compress(message));
    try {
      const request = { path: 'api/v1/write', method: 'POST', headers: HEADERS, body } as const;
      await (await this.#client.send(request, signal)).body?.cancel();
    } catch (error) {
      if (!(error instanceof HttpStatusError)) throw error;
      if (error.status !== 404) throw new WriteRefusal(error.reason, { cause: error });
      throw new PlimsollError(
        'failed_precondition',
        `${this.name} takes no remote write (404 for /api/v1/write): Prometheus needs --web.enable-remote-write-receiver`,
        { cause: error },
      );
    }
  }
}

function readBackThrough(reader: TransferSource): ReadBack {
  return async (series: readonly Labels[], startMs, endMs, signal) => {
    const keys = new Set(series.map(({ key }) => key));
    const found = new Map<string, SeriesColumns>();
    const range = { selectors: [coveringSelector(series)], startMs, endMs };
    for await (const batch of reader.read(range, signal)) {
      for (const columns of batch) if (keys.has(columns.labels.key)) found.set(columns.labels.key, columns);
    }
    return found;
  };
}

/** Cuts a batch, long series too. */
function* inRequests(batch: readonly SeriesColumns[]): Generator<readonly SeriesColumns[]> {
  let request: SeriesColumns[] = [];
  let room = MAX_REQUEST_SAMPLES;
  for (const { labels, timestamps, values } of batch) {
    for (let from = 0; from < timestamps.length;) {
      const to = Math.min(timestamps.length, from + room);
      request.push({ labels, timestamps: timestamps.subarray(from, to), values: values.subarray(from, to) });
      room -= to - from;
      from = to;
      if (room > 0) continue;
      yield request;
      request = [];
      room = MAX_REQUEST_SAMPLES;
    }
  }
  if (request.length > 0) yield request;
}
