import type { Labels, Matcher, SelectRequest, SeriesColumns } from '@plimsoll/promql';
import { PlimsollError } from '../../errors.ts';
import { AgeClock } from '../age-clock.ts';
import {
  type FrameAppend,
  type FrameOutcome,
  type MetricMetadata,
  NO_SERIES,
  type SampleAppend,
  type SampleOutcome,
  type SequenceRange,
  type SeriesRef,
  type StoreStats,
  type TelemetryStore,
} from '../store.ts';
import type { AgentSequences } from './agent-sequences.ts';
import type { DayStore } from './day-store.ts';
import { SamplesDeletion } from './deletion/samples-deletion.ts';
import { DirectorySize } from './directory-size.ts';
import { FamilyMetadata } from './family-metadata.ts';
import type { Head } from './head/head.ts';
import { takeSamples } from './head/take-samples.ts';
import { DAY_MS } from './head/windows.ts';
import { IndexBacklog } from './index/index-backlog.ts';
import type { SeriesIndex } from './index/series-index.ts';
import { LogQueue } from './log/log-queue.ts';
import type { LogReader, LogTail } from './log/log-tail.ts';
import { Maintenance } from './maintenance.ts';
import { DecodedColumns } from './query/decoded-columns.ts';
import { findLabelNames, findLabelValues, findSeries } from './query/find-series.ts';
import { findOrphans } from './query/find-orphans.ts';
import { releaseSeries, selectSeries } from './query/select-series.ts';
import type { Samples } from './query/stored-samples.ts';
import { ValuePool } from './query/value-pool.ts';
import type { RecentBlocks } from './recent-blocks.ts';
import { DayRollups } from './rollup/day-rollups.ts';
import { Sealer } from './sealer.ts';
import { StoreMetrics } from './store-metrics.ts';
import type { EmbeddedStoreInit } from './store-init.ts';
import type { EmbeddedStoreOptions } from './store-options.ts';
import { WritePath } from './write-path.ts';
import type { CutFile } from './writer/writer-protocol.ts';

/**
 * Draws the line: everything appended before the call belongs to the cut, nothing after it does. Answers the files that
 * only grow with their sizes at that moment. The line is drawn before the call returns, so that other parts can draw
 * theirs in the same turn of the event loop.
 */
export type StoreCut = () => Promise<readonly CutFile[]>;

type Selectors = readonly (readonly Matcher[])[];

/** How often the store looks for what is due. */
const MAINTENANCE_INTERVAL_MS = 5000;

/** The store that lives in this process and on its disk. */
export class EmbeddedStore implements TelemetryStore {
  readonly incarnation: string;
  readonly damagedAtOpening: readonly string[];
  readonly #options: EmbeddedStoreOptions;
  readonly #age: AgeClock;
  readonly #size: DirectorySize;
  readonly #index: SeriesIndex;
  readonly #head: Head;
  readonly #recent: RecentBlocks;
  readonly #days: DayStore;
  readonly #samples: Samples;
  readonly #metadata: FamilyMetadata;
  readonly #sequences: AgentSequences;
  readonly #backlog: IndexBacklog;
  readonly #writing: WritePath;
  readonly #sealer: Sealer;
  readonly #deletion: SamplesDeletion;
  readonly #maintenance: Maintenance;
  readonly #metrics: StoreMetrics;
  readonly #queue: LogQueue;
  readonly #lock: Disposable;
  readonly #maintenanceTimer: NodeJS.Timeout;
  #oldestMs: number | null;
  #newestMs: number | null;
  #closing: Promise<void> | undefined;
  readonly #closed = new AbortController();

  constructor(init: EmbeddedStoreInit) {
    this.incarnation = init.incarnation;
    this.damagedAtOpening = init.damaged.map(({ path }) => path);
    this.#options = init.options;
    const { now, log } = init.runtime;
    this.#age = new AgeClock({ now, log, newestMs: newestOf(init) });
    this.#size = new DirectorySize(init.path);
    this.#index = init.index;
    this.#head = init.head;
    this.#recent = init.recent;
    this.#days = init.days;
    this.#samples = {
      ...init,
      decoded: new DecodedColumns(init.options.readMemoryBytes),
      pool: new ValuePool(),
      closing: this.#closed.signal,
    };
    this.#sequences = init.sequences;
    this.#lock = init.lock;
    this.#queue = new LogQueue(init.tail, init.options.queueLimitBytes);
    this.#oldestMs = init.times.oldestMs;
    this.#newestMs = init.times.newestMs;
    this.#backlog = new IndexBacklog(init.index, init.sequences);
    for (const ref of init.unindexed.series) this.#backlog.addSeries(ref);
    for (const family of init.unindexed.metadata) this.#backlog.addMetadata(family);
    this.#metrics = new StoreMetrics(init.runtime.metrics, () => ({
      ...this.stats(),
      headSamples: this.#head.samples(),
    }));
    this.#writing = new WritePath(init, {
      queue: this.#queue,
      metrics: this.#metrics,
      waitingBytes: () => this.#sealer.waitingBytes,
    });
    const { writer, commits } = this.#writing;
    this.#metadata = new FamilyMetadata(init.metadata, this.#writing.log, this.#backlog);
    const newestMs = (): number | null => this.#newestMs;
    const onFailure = (error: unknown): void => this.#writing.taskFailed(error);
    const parts = { head: this.#head, recent: this.#recent, writer, onFailure };
    this.#sealer = new Sealer(parts);
    this.#maintenance = new Maintenance({
      ...parts,
      days: this.#days,
      rollups: new DayRollups({ ...init, writer, newestMs, ageNow: () => this.#age.now() }),
      commits,
      backlog: this.#backlog,
      sealer: this.#sealer,
      newestMs,
      reader: () => this.#queue.reader,
      onLogBytes: (bytes) => (this.#writing.logBytes = bytes),
    });
    this.#deletion = new SamplesDeletion({ samples: this.#samples, writer, maintenance: this.#maintenance });
    this.#maintenanceTimer = setInterval(() => void this.#maintenance.run(), MAINTENANCE_INTERVAL_MS).unref();
  }

  internSeries(labels: readonly Labels[]): Uint32Array {
    const refs = new Uint32Array(labels.length);
    labels.forEach((set, i) => {
      refs[i] = this.#index.find(set) ?? this.#mint(set);
    });
    return refs;
  }

  appendFrame(frame: FrameAppend): FrameOutcome {
    const { agentId, epoch, sequence, timestampMs, refs, values } = frame;
    if (refs.length !== values.length) throw new RangeError('a frame has one value for each of its refs');
    if (!Number.isSafeInteger(timestampMs)) throw new RangeError('a frame has a time in whole milliseconds');
    if (this.#sequences.has(agentId, epoch, sequence)) {
      this.#metrics.refused.duplicate += refs.length;
      const group = this.#writing.commits.find(agentId, epoch, sequence);
      return { status: 'duplicate', durable: group?.durable ?? Promise.resolve() };
    }
    if (timestampMs < this.#age.now() - this.#options.retentionTimeMs) {
      this.#metrics.refused.too_old += refs.length;
      return { status: 'too_old', durable: Promise.resolve() };
    }
    const refusal = this.#writing.refusal;
    if (refusal !== null) return { status: 'accepted', durable: this.#refuse(refusal, refs.length) };
    const set = this.#head.frameSet(agentId, refs);
    if (set.loggedSegment < 0) this.#revive(refs);
    const group = this.#writing.log.frame(set, frame);
    this.#sequences.take(agentId, epoch, sequence);
    const block = this.#head.blockFor(set, timestampMs, group.segment);
    block.append(frame, values, group.segment);
    if (!block.open) void this.#sealer.seal(block);
    this.#count(set.usedSlots, timestampMs, timestampMs);
    this.#queue.note(group.segment, timestampMs);
    if (set.usedSlots < refs.length) {
      this.#metrics.refused.over_limit += refs.length - set.usedSlots;
    }
    return { status: 'accepted', durable: group.durable };
  }

  appendSamples(batch: SampleAppend): SampleOutcome {
    const refusal = this.#writing.refusal;
    if (refusal !== null) {
      const none = { accepted: 0, outOfOrder: 0, tooOld: 0, duplicate: 0 };
      return { ...none, durable: this.#refuse(refusal, batch.refs.length) };
    }
    this.#revive(batch.refs);
    const group = this.#writing.log.group();
    const limits = {
      outOfOrderWindowMs: this.#options.outOfOrderWindowMs,
      oldestMs: this.#age.now() - this.#options.retentionTimeMs,
    };
    const { counts, taken, histograms, refused, oldestMs, newestMs } = takeSamples(
      this.#head,
      batch,
      limits,
      group.segment,
    );
    if (taken.length > 0) {
      this.#writing.log.samples(group, batch, taken);
      this.#count(counts.accepted, oldestMs, newestMs);
      this.#queue.note(group.segment, oldestMs);
    }
    this.#metrics.refused.out_of_order += counts.outOfOrder;
    this.#metrics.refused.too_old += counts.tooOld;
    this.#metrics.refused.duplicate += counts.duplicate + counts.repeated;
    return {
      accepted: counts.accepted + counts.repeated,
      histograms,
      outOfOrder: counts.outOfOrder,
      tooOld: counts.tooOld,
      duplicate: counts.duplicate,
      refused,
      durable: group.durable,
    };
  }

  receivedRanges(agentId: string): readonly SequenceRange[] {
    return this.#sequences.durableRanges(agentId);
  }

  setMetadata(families: readonly MetricMetadata[]): void {
    this.#metadata.set(families);
  }

  metadata(family?: string): readonly MetricMetadata[] {
    return this.#metadata.find(family);
  }

  select(request: SelectRequest, signal?: AbortSignal): Promise<readonly SeriesColumns[]> {
    return selectSeries(this.#samples, request, signal);
  }

  release(answer: readonly SeriesColumns[]): void {
    releaseSeries(this.#samples, answer);
  }

  series(selectors: Selectors, startMs: number, endMs: number): Promise<readonly Labels[]> {
    return findSeries(this.#samples, selectors, startMs, endMs);
  }

  labelNames(selectors: Selectors, startMs: number, endMs: number): Promise<readonly string[]> {
    return findLabelNames(this.#samples, selectors, startMs, endMs);
  }

  labelValues(
    name: string,
    selectors: Selectors,
    startMs: number,
    endMs: number,
  ): Promise<readonly string[]> {
    return findLabelValues(this.#samples, name, selectors, startMs, endMs);
  }

  async deleteSeries(selectors: Selectors, startMs: number, endMs: number): Promise<void> {
    // What is older than all there is stays out of it: it may be put behind later.
    const oldestMs = startMs < this.#samples.rollups.untilMs ? startMs : (this.#oldestMs ?? startMs);
    await this.#deletion.note(selectors, { startMs: Math.max(startMs, oldestMs), endMs });
  }

  async cleanDeleted(): Promise<void> {
    if (this.#samples.deletions.size === 0) return;
    await this.compact();
    await this.#deletion.purge();
    await this.#retireOrphans();
    this.#size.measure();
  }

  stats(): StoreStats {
    return {
      activeSeries: this.#index.size,
      samplesAppended: this.#metrics.appended,
      diskBytes: this.#size.bytes(),
      logBytes: this.#writing.logBytes,
      oldestMs: this.#oldestMs,
      newestMs: this.#newestMs,
      readOnlyReason: this.#writing.readOnlyReason?.message ?? null,
    };
  }

  async enforceRetention(nowMs: number): Promise<void> {
    const { retentionTimeMs, retentionSizeBytes } = this.#options;
    const oldestMs = nowMs - retentionTimeMs;
    // Before rollups are made of days that go.
    await this.#deletion.purge();
    const deleted = await this.#maintenance.deleteBefore(
      oldestMs,
      () => this.#size.measure() - this.#queue.bytes - retentionSizeBytes,
    );
    if (deleted) await this.#retireOrphans();
    if (this.#oldestMs !== null) {
      this.#oldestMs = Math.max(this.#oldestMs, this.#days.days[0] ?? this.#oldestMs, oldestMs);
    }
  }

  /** Forgets series that have nothing left. */
  async #retireOrphans(): Promise<void> {
    await findOrphans(this.#samples, (gone) => {
      this.#index.retire(gone);
      this.#backlog.addGone(gone);
      this.#head.forgetLoose(gone);
    });
  }

  /** See `EmbeddedTelemetryStore`. */
  ageNow(): number {
    return this.#age.now();
  }

  /** Names who reads the log behind the writer, and what of it the store may drop. */
  follow(reader: LogReader): LogTail {
    return this.#queue.follow(reader);
  }

  labelsOf(ref: SeriesRef): Labels | undefined {
    return this.#index.labels(ref);
  }

  /** Seals everything, rearranges it by series and drops the log: what is on disk is then as small as it gets. */
  async compact(): Promise<void> {
    await this.#maintenance.run(true);
    this.#size.measure();
  }

  /** See `EmbeddedTelemetryStore`. */
  backUp<T>(copy: (cut: StoreCut) => Promise<T>): Promise<T> {
    return this.#maintenance.exclusively(() =>
      copy(async () => {
        const [, files] = await Promise.all([this.#writing.commits.commit(), this.#writing.writer.cut()]);
        return files;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#maintenanceTimer);
    const closed = new PlimsollError('unavailable', 'the telemetry store is closed');
    await this.#writing.end(closed);
    this.#closed.abort(closed);
    try {
      await this.#writing.close();
    } finally {
      const { rollups, decoded, pool } = this.#samples;
      for (const part of [this.#recent, this.#days, rollups, decoded, pool, this.#lock])
        part[Symbol.dispose]();
    }
  }

  /** Series whose last sample retention took may still be held by whoever sends them. */
  #revive(refs: Uint32Array): void {
    for (const ref of refs) {
      if (ref === NO_SERIES || this.#index.has(ref) || !this.#index.revive(ref)) continue;
      this.#writing.log.define([ref], []);
      this.#backlog.addSeries(ref);
    }
  }

  #mint(labels: Labels): number {
    if (this.#index.size >= this.#options.maxSeries) return NO_SERIES;
    const ref = this.#index.add(labels);
    this.#writing.log.define([ref], []);
    this.#backlog.addSeries(ref);
    return ref;
  }

  #count(samples: number, oldestMs: number, newestMs: number): void {
    this.#metrics.appended += samples;
    if (this.#oldestMs === null || oldestMs < this.#oldestMs) this.#oldestMs = oldestMs;
    if (this.#newestMs === null || newestMs > this.#newestMs) this.#newestMs = newestMs;
  }

  #refuse(reason: PlimsollError, samples: number): Promise<void> {
    this.#metrics.refused.read_only += samples;
    const refused = Promise.reject(reason);
    refused.catch(() => undefined);
    return refused;
  }
}

/** The newest sample there may be: of those in days only the day is known. */
function newestOf({ times, days }: EmbeddedStoreInit): number | null {
  const lastDayMs = days.days.at(-1);
  if (lastDayMs === undefined || (times.newestMs ?? -Infinity) >= lastDayMs) return times.newestMs;
  return lastDayMs + DAY_MS;
}
