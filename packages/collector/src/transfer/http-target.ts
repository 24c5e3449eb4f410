import type { Labels, SeriesColumns } from '@plimsoll/promql';
import { compress } from 'snappyjs';
import { PlimsollError } from '../errors.ts';
import { WriteEncoder } from '../telemetry/remote/encode-write.ts';
import { endOfWeight } from '../telemetry/sample-columns.ts';
import { type HttpStream, readAll } from '../telemetry/remote/http-client.ts';
import { sliceRun } from '../telemetry/sample-run.ts';
import { COUNT_HEADER, type Version, WRITE_HEADERS } from '../telemetry/remote/write-headers.ts';
import type { MetricMetadata } from '../telemetry/store.ts';
import { coveringSelector } from './covering-selector.ts';
import {
  type ReadBack,
  type TransferSource,
  type TransferTarget,
  weightIn,
  WriteRefusal,
} from './endpoint.ts';
import { HttpStatusError, type ServerClient } from './server-client.ts';
import { NO_SAMPLES, toWriteBatch } from './to-write-batch.ts';

/** Prometheus takes samples up to an hour older than its newest: series are written side by side. */
const WINDOW_MS = 30 * 60 * 1000;
/** Float samples that one request has the size of: a few hundred KiB, well within what receivers take. */
const MAX_REQUEST_SAMPLES = 20_000;
/** Metadata of one request. */
const MAX_REQUEST_FAMILIES = 500;

const NEVER = new AbortController().signal;

/** A running server that takes remote write. It is read back by remote read where it has that. */
export class HttpTarget implements TransferTarget {
  readonly name: string;
  readonly keptFromMs = -Infinity;
  readonly windowMs = WINDOW_MS;
  readonly comparesAlways = false;
  readonly readBack: ReadBack | null;
  readonly #client: ServerClient;
  readonly #version: Version;
  readonly #encoder = new WriteEncoder();
  #families: readonly MetricMetadata[] = [];
  #histograms = 0;
  #starts = 0;

  private constructor(client: ServerClient, reader: TransferSource | null, version: Version) {
    this.name = client.base;
    this.#client = client;
    this.#version = version;
    this.readBack = reader === null ? null : readBackThrough(reader);
  }

  /** Finds out by a request without samples which version of remote write the server speaks. */
  static async open(client: ServerClient, reader: TransferSource | null): Promise<HttpTarget> {
    const body = compress(new WriteEncoder().encode2(NO_SAMPLES));
    let counts: boolean;
    try {
      const answer = await client.send({ path: 'api/v1/write', headers: WRITE_HEADERS[2], body }, NEVER);
      await expectNothing(client.base, answer);
      // One of version 1 may take the message and find nothing in it that it knows.
      counts = answer.headers[COUNT_HEADER] !== undefined;
    } catch (error) {
      if (!(error instanceof HttpStatusError)) throw error;
      if (error.status === 404) throw noRemoteWrite(client.base, error);
      counts = false;
    }
    return new HttpTarget(client, reader, counts ? 2 : 1);
  }

  /** Version 2 says what is known of a series beside its samples, which not every server looks at. */
  async setMetadata(families: readonly MetricMetadata[]): Promise<void> {
    this.#families = families;
    for (let from = 0; from < families.length; from += MAX_REQUEST_FAMILIES) {
      const metadata = families.slice(from, from + MAX_REQUEST_FAMILIES);
      await this.#post(this.#encoder.encode1({ ...NO_SAMPLES, metadata }), 1, NEVER);
    }
  }

  async write(batch: readonly SeriesColumns[], signal: AbortSignal): Promise<void> {
    const version = this.#version;
    for (const request of inRequests(batch)) {
      const samples = toWriteBatch(request, this.#families);
      const message =
        version === 1 ? this.#encoder.encode1({ ...samples, metadata: [] }) : this.#encoder.encode2(samples);
      await this.#post(message, version, signal);
      this.#histograms += samples.histograms?.filter((histogram) => histogram !== undefined).length ?? 0;
      this.#starts += samples.startTimestampsMs?.filter((startMs) => startMs !== 0).length ?? 0;
    }
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  remarks(): readonly string[] {
    const remarks: string[] = [];
    if (this.#starts > 0 && this.#version === 1) {
      remarks.push(
        `${this.#starts} start timestamps were left out: ${this.name} speaks remote write 1.0, which has none`,
      );
    }
    if (this.#histograms > 0 && this.readBack === null) {
      remarks.push(
        `${this.name} took ${this.#histograms} native histograms and cannot be asked how it keeps them: ` +
          'VictoriaMetrics makes series of buckets of them, and nothing of use of those with custom buckets',
      );
    }
    return remarks;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
    return Promise.resolve();
  }

  async #post(message: Uint8Array, version: Version, signal: AbortSignal): Promise<void> {
    try {
      const request = { path: 'api/v1/write', headers: WRITE_HEADERS[version], body: compress(message) };
      await expectNothing(this.name, await this.#client.send(request, signal));
    } catch (error) {
      if (!(error instanceof HttpStatusError)) throw error;
      throw error.status === 404
        ? noRemoteWrite(this.name, error)
        : new WriteRefusal(error.reason, { cause: error });
    }
  }
}

/** Whoever took a write has nothing to say; a page for people has stored nothing. */
async function expectNothing(name: string, { body }: HttpStream): Promise<void> {
  if ((await readAll(body)).length === 0) return;
  throw new PlimsollError(
    'failed_precondition',
    `${name} answers a remote write with content, which no server that stored it does: is it a Prometheus-compatible server, and is the address right?`,
  );
}

function noRemoteWrite(name: string, cause: HttpStatusError): PlimsollError {
  return new PlimsollError(
    'failed_precondition',
    `${name} takes no remote write (404 for /api/v1/write): give the server's address with its path prefix if it has one; Prometheus needs --web.enable-remote-write-receiver`,
    { cause },
  );
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
  for (const { labels, ...run } of batch) {
    const { length } = run.timestamps;
    for (let from = 0; from < length;) {
      const to = endOfWeight(run.histograms, from, length, room);
      const part = { labels, ...sliceRun(run, from, to) };
      request.push(part);
      room -= weightIn([part]);
      from = to;
      if (room >= 1) continue;
      yield request;
      request = [];
      room = MAX_REQUEST_SAMPLES;
    }
  }
  if (request.length > 0) yield request;
}
