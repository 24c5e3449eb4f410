import {
  type Labels,
  type Matcher,
  METRIC_NAME,
  type SelectRequest,
  type SeriesColumns,
} from '@plimsoll/promql';
import { compress } from 'snappyjs';
import type { HistogramFate, LongTermBatch, LongTermEngine } from '../long-term/long-term-engine.ts';
import { garbage, writeError } from './answer-error.ts';
import { WriteEncoder } from './encode-write.ts';
import { Heartbeats } from './heartbeats.ts';
import { HttpClient } from './http-client.ts';
import { probeRemote, type Reading } from './probe.ts';
import { readNames, readSeries } from './read-api.ts';
import { readExport } from './read-export.ts';
import { readQuery } from './read-query.ts';
import { readRemoteRead } from './read-remote-read.ts';
import { CANARY, MAX_WRITE_ANSWER_BYTES, REMOTE_SETTLE_MS, type RemoteOptions } from './remote-options.ts';
import { PlimsollError } from '../../errors.ts';
import { COUNT_HEADER, type Version, WRITE_HEADERS } from './write-headers.ts';

const READERS = { 'remote-read': readRemoteRead, export: readExport, query: readQuery } as const;

/** The probe's own series is nobody's telemetry. */
const NO_CANARY: Matcher = { name: METRIC_NAME, type: '!=', value: CANARY };

/** A Prometheus-compatible server: remote write into it, raw samples and label sets out of it. */
export function createRemoteEngine(options: RemoteOptions): LongTermEngine {
  return new RemoteEngine(options);
}

class RemoteEngine implements LongTermEngine {
  readonly name = 'remote';
  readonly settleMs = REMOTE_SETTLE_MS;
  readonly #options: RemoteOptions;
  readonly #writes: HttpClient;
  readonly #reads: HttpClient;
  readonly #encoder = new WriteEncoder();
  readonly #heartbeats: Heartbeats;
  #version: Version = 1;
  #reading: Reading | undefined;
  #histograms: HistogramFate = 'left_out';
  #wroteAtMs = -Infinity;

  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#heartbeats = new Heartbeats(options.collector);
    this.#writes = new HttpClient(options.headers, 1);
    this.#reads = new HttpClient(options.headers, 8);
  }

  get histograms(): HistogramFate {
    return this.#histograms;
  }

  async probe(signal: AbortSignal): Promise<void> {
    const found = await probeRemote(this.#options, {
      write: (batch, version) => this.#post(batch, version, signal),
      read: (request, reading) => READERS[reading](this.#reads, this.#options.queryUrl, request, signal),
      // VictoriaMetrics shows a new series after ten seconds, or when told to; other servers do not know this path.
      flush: async () => {
        const url = `${this.#options.queryUrl}/internal/force_flush`;
        await this.#reads.send({ url, maxAnswerBytes: MAX_WRITE_ANSWER_BYTES, signal });
      },
    });
    this.#version = found.version;
    this.#reading = found.reading;
    this.#histograms = found.histograms;
    this.#writes.takeLost();
    this.#heartbeats.forget();
  }

  async write(batch: LongTermBatch, signal: AbortSignal): Promise<void> {
    const { marked, timestampMs } = this.#heartbeats.mark(batch);
    await this.#post(marked, this.#version, signal);
    const wroteAtMs = this.#wroteAtMs;
    this.#wroteAtMs = performance.now();
    const lostAtMs = this.#writes.takeLost();
    // A connection that ends after a long silence ends for that: what it carried has been on the disk for long.
    if (lostAtMs === null || lostAtMs - wroteAtMs > REMOTE_SETTLE_MS) {
      this.#heartbeats.taken(timestampMs);
      return;
    }
    throw new PlimsollError(
      'unavailable',
      'the connection broke off since the last write: what was taken lately may be lost',
    );
  }

  async stillHas(signal: AbortSignal): Promise<boolean> {
    const due = this.#heartbeats.due();
    const reading = this.#reading;
    if (due === null || reading === undefined) return true;
    const found = await READERS[reading](this.#reads, this.#options.queryUrl, due, signal);
    return this.#heartbeats.check(due, found);
  }

  async select(request: SelectRequest, signal?: AbortSignal): Promise<readonly SeriesColumns[]> {
    const reading = this.#reading;
    if (reading === undefined) {
      throw new PlimsollError(
        'unavailable',
        'older telemetry cannot be read: the long-term engine was not reached yet',
      );
    }
    const matchers = [...request.matchers, NO_CANARY];
    return READERS[reading](this.#reads, this.#options.queryUrl, { ...request, matchers }, signal);
  }

  series(
    selectors: readonly (readonly Matcher[])[],
    startMs: number,
    endMs: number,
  ): Promise<readonly Labels[]> {
    const asked = { selectors: selectors.map(withoutCanary), startMs, endMs };
    return readSeries(this.#reads, this.#options.queryUrl, asked);
  }

  labelNames(
    selectors: readonly (readonly Matcher[])[],
    startMs: number,
    endMs: number,
  ): Promise<readonly string[]> {
    const asked = { selectors: orEverything(selectors), startMs, endMs };
    return readNames(this.#reads, `${this.#options.queryUrl}/api/v1/labels`, asked);
  }

  labelValues(
    name: string,
    selectors: readonly (readonly Matcher[])[],
    startMs: number,
    endMs: number,
  ): Promise<readonly string[]> {
    const url = `${this.#options.queryUrl}/api/v1/label/${encodeURIComponent(name)}/values`;
    return readNames(this.#reads, url, { selectors: orEverything(selectors), startMs, endMs });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#writes[Symbol.dispose]();
    this.#reads[Symbol.dispose]();
    return Promise.resolve();
  }

  async #post(batch: LongTermBatch, version: Version, signal: AbortSignal): Promise<void> {
    const { writeUrl: url } = this.#options;
    const message = version === 1 ? this.#encoder.encode1(batch) : this.#encoder.encode2(batch);
    const answer = await this.#writes.send({
      url,
      headers: WRITE_HEADERS[version],
      body: compress(message),
      maxAnswerBytes: MAX_WRITE_ANSWER_BYTES,
      signal,
    });
    if (answer.status < 200 || answer.status > 299) throw writeError(url, answer);
    // A page that says hello has stored nothing.
    if (answer.body.length > 0) throw garbage(url, 'content where a write has none');
    if (version === 2 && answer.headers[COUNT_HEADER] === undefined) {
      throw garbage(url, 'no count of the samples written');
    }
  }
}

function withoutCanary(matchers: readonly Matcher[]): readonly Matcher[] {
  return [...matchers, NO_CANARY];
}

function orEverything(selectors: readonly (readonly Matcher[])[]): readonly (readonly Matcher[])[] {
  return selectors.length === 0 ? [[NO_CANARY]] : selectors.map(withoutCanary);
}
