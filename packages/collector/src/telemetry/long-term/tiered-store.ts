import type { Labels, Matcher, SelectRequest, SeriesColumns } from '@plimsoll/promql';
import { WINDOW_MS, windowStart } from '../embedded/head/windows.ts';
import type { StoreCut } from '../embedded/embedded-store.ts';
import { PlimsollError } from '../../errors.ts';
import type { EmbeddedTelemetryStore } from '../embedded/open-embedded-store.ts';
import type {
  FrameAppend,
  FrameOutcome,
  LongTermTrouble,
  MetricMetadata,
  SampleAppend,
  SampleOutcome,
  SequenceRange,
  StoreStats,
  TelemetryStore,
} from '../store.ts';
import type { Forwarder } from './forwarder.ts';
import type { LongTermEngine } from './long-term-engine.ts';
import type { LongTermMetrics } from './long-term-metrics.ts';
import { mergeSeries, withDerivedHints } from './merge-series.ts';
import type { Progress } from './progress.ts';

export interface TieredStoreParts {
  readonly embedded: EmbeddedTelemetryStore;
  readonly engine: LongTermEngine;
  readonly forwarder: Forwarder;
  readonly progress: Progress;
  readonly metrics: LongTermMetrics;
  readonly trouble: () => LongTermTrouble | null;
  /** How long samples stay in the embedded store, once they are forwarded. */
  readonly recentMs: number;
  /** How long samples are shown, wherever they are. */
  readonly retentionTimeMs: number;
}

type Selectors = readonly (readonly Matcher[])[];

/** The part of a request that the long-term engine answers. */
interface Older {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The embedded store with a long-term engine behind it. Appends, metadata and what agents are told of are the embedded
 * store's alone; of times it may have dropped, the engine is asked too, and the answers are joined.
 */
export class TieredStore implements TelemetryStore {
  readonly incarnation: string;
  readonly damagedAtOpening: readonly string[];
  /** The recent ones are always kept, here; for how long others are is the long-term engine's to say. */
  readonly #parts: TieredStoreParts;
  readonly #embedded: EmbeddedTelemetryStore;

  constructor(parts: TieredStoreParts) {
    this.#parts = parts;
    this.#embedded = parts.embedded;
    this.incarnation = parts.embedded.incarnation;
    this.damagedAtOpening = parts.embedded.damagedAtOpening;
  }

  internSeries(labels: readonly Labels[]): Uint32Array {
    return this.#embedded.internSeries(labels);
  }

  appendFrame(frame: FrameAppend): FrameOutcome {
    return this.#embedded.appendFrame(frame);
  }

  appendSamples(batch: SampleAppend): SampleOutcome {
    return this.#embedded.appendSamples(batch);
  }

  receivedRanges(agentId: string): readonly SequenceRange[] {
    return this.#embedded.receivedRanges(agentId);
  }

  setMetadata(families: readonly MetricMetadata[]): void {
    this.#embedded.setMetadata(families);
  }

  metadata(family?: string): readonly MetricMetadata[] {
    return this.#embedded.metadata(family);
  }

  stats(): StoreStats {
    return { ...this.#embedded.stats(), longTerm: this.#parts.trouble() };
  }

  async select(request: SelectRequest, signal?: AbortSignal): Promise<readonly SeriesColumns[]> {
    const older = this.#older(request.startMs, request.endMs);
    if (older === null) return this.#embedded.select(request, signal);
    const [before, recent] = await Promise.all([
      this.#read(() => this.#parts.engine.select({ ...request, ...older }, signal)),
      this.#embedded.select(request, signal),
    ]);
    return mergeSeries(before.map(hinted), recent);
  }

  /** Only an answer that is the embedded store's alone is known to it. */
  release(answer: readonly SeriesColumns[]): void {
    this.#embedded.release?.(answer);
  }

  deleteSeries(): Promise<void> {
    return Promise.reject(cannotDelete());
  }

  cleanDeleted(): Promise<void> {
    return Promise.reject(cannotDelete());
  }

  async series(selectors: Selectors, startMs: number, endMs: number): Promise<readonly Labels[]> {
    const found = await this.#both(startMs, endMs, (store, from, to) => store.series(selectors, from, to));
    return [...new Map(found.flat().map((labels) => [labels.key, labels])).values()];
  }

  async labelNames(selectors: Selectors, startMs: number, endMs: number): Promise<readonly string[]> {
    const found = await this.#both(startMs, endMs, (store, from, to) =>
      store.labelNames(selectors, from, to),
    );
    return [...new Set(found.flat())].sort();
  }

  async labelValues(
    name: string,
    selectors: Selectors,
    startMs: number,
    endMs: number,
  ): Promise<readonly string[]> {
    const found = await this.#both(startMs, endMs, (store, from, to) =>
      store.labelValues(name, selectors, from, to),
    );
    return [...new Set(found.flat())].sort();
  }

  ageNow(): number {
    return this.#embedded.ageNow();
  }

  backUp<T>(copy: (cut: StoreCut) => Promise<T>): Promise<T> {
    return this.#embedded.backUp(copy);
  }

  async enforceRetention(nowMs: number): Promise<void> {
    const { progress, recentMs, retentionTimeMs } = this.#parts;
    const completeFromMs = Math.min(windowStart(nowMs - recentMs), progress.heldFromMs);
    await progress.releaseBefore(completeFromMs, nowMs - retentionTimeMs);
    await this.#embedded.enforceRetention(nowMs);
  }

  /**
   * Forwards everything and drops it here, so that all is read from the long-term engine. The store does the same by
   * itself, later and in parts.
   */
  async settle(): Promise<void> {
    await this.#embedded.compact();
    await this.#parts.forwarder.drain();
    await this.#embedded.compact();
    const newestMs = this.#embedded.stats().newestMs ?? 0;
    const { progress } = this.#parts;
    await progress.releaseBefore(Math.min(windowStart(newestMs) + 24 * WINDOW_MS, progress.heldFromMs));
    await this.#embedded.enforceRetention(this.ageNow());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.forwarder[Symbol.asyncDispose]();
    await this.#parts.engine[Symbol.asyncDispose]();
    await this.#embedded[Symbol.asyncDispose]();
  }

  #older(startMs: number, endMs: number): Older | null {
    const { progress, retentionTimeMs } = this.#parts;
    const older = {
      startMs: Math.max(startMs, progress.retainedFromMs, this.ageNow() - retentionTimeMs, 0),
      endMs: Math.min(endMs, progress.completeFromMs - 1),
    };
    return older.startMs <= older.endMs ? older : null;
  }

  async #both<T>(
    startMs: number,
    endMs: number,
    ask: (store: LongTermEngine | EmbeddedTelemetryStore, startMs: number, endMs: number) => Promise<T>,
  ): Promise<T[]> {
    const older = this.#older(startMs, endMs);
    const answers = [ask(this.#embedded, startMs, endMs)];
    if (older !== null) {
      answers.push(this.#read(() => ask(this.#parts.engine, older.startMs, older.endMs)));
    }
    return Promise.all(answers);
  }

  #read<T>(request: () => Promise<T>): Promise<T> {
    return this.#parts.metrics.timed('read', request);
  }
}

/** Servers say of resets what they found out, or nothing: the embedded store's answers and theirs are to be alike. */
function hinted(series: SeriesColumns): SeriesColumns {
  const { histograms } = series;
  return histograms === undefined ? series : { ...series, histograms: withDerivedHints(histograms) };
}

/** What was forwarded is out of reach, and what is on its way would come back from there. */
function cannotDelete(): PlimsollError {
  return new PlimsollError(
    'failed_precondition',
    'samples cannot be deleted while a long-term engine is in use: delete them there, or let its retention do it',
  );
}
