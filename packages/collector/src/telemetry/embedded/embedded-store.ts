import type { Labels, Matcher, SelectRequest, SeriesColumns } from '@plimsoll/promql';
import { PlimsollError } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import {
  type FrameAppend,
  type FrameOutcome,
  type MetricMetadata,
  NO_SERIES,
  type SampleAppend,
  type SampleOutcome,
  type SequenceRange,
  type StoreStats,
  type TelemetryStore,
} from '../store.ts';
import type { Head } from './head/head.ts';
import { matchSeries } from './index/match-series.ts';
import type { SeriesIndex } from './index/series-index.ts';
import { type CommitGroup, GroupCommit } from './log/group-commit.ts';
import {
  writeFrameRecord,
  writeMetadataRecord,
  writeSamplesRecord,
  writeSeriesRecord,
  writeSetRecord,
} from './log/log-records.ts';
import { headRuns } from './query/head-runs.ts';
import { selectSeries } from './query/select-series.ts';
import { ReceivedRanges } from './received-ranges.ts';
import { type StoreMetrics, registerStoreMetrics } from './store-metrics.ts';
import type { EmbeddedStoreOptions } from './store-options.ts';
import type { WriterPort } from './writer/writer-port.ts';
import type { WriterFailure, WriterReply } from './writer/writer-protocol.ts';

/** What was recovered from disk, and the means to go on. */
export interface EmbeddedStoreInit {
  readonly runtime: Runtime;
  readonly options: EmbeddedStoreOptions;
  readonly incarnation: string;
  readonly index: SeriesIndex;
  readonly head: Head;
  readonly received: Map<string, ReceivedRanges>;
  readonly metadata: Map<string, MetricMetadata>;
  readonly firstSegment: number;
  readonly logBytes: number;
  readonly startWriter: (listener: {
    onReply: (reply: WriterReply) => void;
    onDeath: (error: Error) => void;
  }) => WriterPort;
  readonly lock: Disposable;
}

interface AgentSequences {
  /** Durable or under way. */
  readonly taken: ReceivedRanges;
  readonly durable: ReceivedRanges;
}

/** The store that lives in this process and on its disk. */
export class EmbeddedStore implements TelemetryStore {
  readonly incarnation: string;
  readonly #runtime: Runtime;
  readonly #options: EmbeddedStoreOptions;
  readonly #index: SeriesIndex;
  readonly #head: Head;
  readonly #metadata: Map<string, MetricMetadata>;
  readonly #agents = new Map<string, AgentSequences>();
  readonly #commits: GroupCommit;
  readonly #port: WriterPort;
  readonly #metrics: StoreMetrics;
  readonly #lock: Disposable;
  #unloggedSeries: number[] = [];
  #unloggedMetadata: MetricMetadata[] = [];
  #samplesAppended = 0;
  #headSamples = 0;
  #oldestMs: number | null = null;
  #newestMs: number | null = null;
  #logBytes: number;
  #refusal: PlimsollError | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(init: EmbeddedStoreInit) {
    this.incarnation = init.incarnation;
    this.#runtime = init.runtime;
    this.#options = init.options;
    this.#index = init.index;
    this.#head = init.head;
    this.#metadata = init.metadata;
    this.#lock = init.lock;
    this.#logBytes = init.logBytes;
    for (const [agentId, durable] of init.received) {
      const taken = new ReceivedRanges();
      for (const { epoch, first, last } of durable.ranges()) taken.add(epoch, first, last);
      this.#agents.set(agentId, { taken, durable });
    }
    this.#port = init.startWriter({
      onReply: (reply) => this.#onReply(reply),
      onDeath: (error) => this.#onDeath(error),
    });
    this.#commits = new GroupCommit({
      commitIntervalMs: init.options.commitIntervalMs,
      firstSegment: init.firstSegment,
      post: (request, transfer) => this.#port.post(request, transfer),
      onDurable: (group) => this.#onDurable(group),
      onFailed: (group) => this.#onFailed(group),
    });
    this.#metrics = registerStoreMetrics(init.runtime.metrics, () => ({
      ...this.stats(),
      headSamples: this.#headSamples,
    }));
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
    const agent = this.#agent(agentId);
    if (agent.taken.has(epoch, sequence)) {
      this.#metrics.refused.inc({ reason: 'duplicate' }, refs.length);
      const group = this.#commits.find(agentId, epoch, sequence);
      return { status: 'duplicate', durable: group?.durable ?? Promise.resolve() };
    }
    const nowMs = this.#runtime.now();
    if (timestampMs < nowMs - this.#options.retentionTimeMs) {
      this.#metrics.refused.inc({ reason: 'too_old' }, refs.length);
      return { status: 'too_old', durable: Promise.resolve() };
    }
    if (this.#refusal !== null) return { status: 'accepted', durable: this.#refuse(refs.length) };
    const set = this.#head.frameSet(agentId, refs);
    const group = this.#beginAppend();
    if (set.loggedSegment !== group.segment) {
      writeSetRecord(group.out, set.id, agentId, refs);
      set.loggedSegment = group.segment;
    }
    writeFrameRecord(group.out, set.id, frame);
    agent.taken.add(epoch, sequence, sequence);
    noteTaken(group, agentId, epoch, sequence);
    this.#head.blockFor(set, timestampMs, group.number, nowMs).append(timestampMs, epoch, sequence, values);
    this.#count(set.usedSlots, timestampMs, timestampMs);
    if (set.usedSlots < refs.length) {
      this.#metrics.refused.inc({ reason: 'over_limit' }, refs.length - set.usedSlots);
    }
    return { status: 'accepted', durable: group.durable };
  }

  appendSamples(batch: SampleAppend): SampleOutcome {
    const counts = { accepted: 0, repeated: 0, outOfOrder: 0, tooOld: 0, duplicate: 0 };
    if (this.#refusal !== null) return { ...counts, durable: this.#refuse(batch.refs.length) };
    const group = this.#beginAppend();
    const nowMs = this.#runtime.now();
    const limits = {
      outOfOrderWindowMs: this.#options.outOfOrderWindowMs,
      oldestMs: nowMs - this.#options.retentionTimeMs,
    };
    const taken: number[] = [];
    this.#head.appendSamples(batch, limits, group.number, nowMs, (index, verdict) => {
      counts[verdict]++;
      if (verdict === 'accepted') taken.push(index);
    });
    if (taken.length > 0) this.#logSamples(group, batch, taken);
    this.#metrics.refused.inc({ reason: 'out_of_order' }, counts.outOfOrder);
    this.#metrics.refused.inc({ reason: 'too_old' }, counts.tooOld);
    this.#metrics.refused.inc({ reason: 'duplicate' }, counts.duplicate + counts.repeated);
    return {
      accepted: counts.accepted + counts.repeated,
      outOfOrder: counts.outOfOrder,
      tooOld: counts.tooOld,
      duplicate: counts.duplicate,
      durable: group.durable,
    };
  }

  receivedRanges(agentId: string): readonly SequenceRange[] {
    return this.#agents.get(agentId)?.durable.ranges() ?? [];
  }

  setMetadata(families: readonly MetricMetadata[]): void {
    for (const family of families) {
      if (sameMetadata(this.#metadata.get(family.family), family)) continue;
      this.#metadata.set(family.family, family);
      this.#unloggedMetadata.push(family);
    }
  }

  metadata(family?: string): readonly MetricMetadata[] {
    if (family === undefined) return [...this.#metadata.values()];
    const one = this.#metadata.get(family);
    return one === undefined ? [] : [one];
  }

  // Reading is synchronous for now and a promise for callers: other engines wait for a server.
  select(request: SelectRequest, signal?: AbortSignal): Promise<readonly SeriesColumns[]> {
    return Promise.try(() => selectSeries(this.#index, this.#head, request, signal));
  }

  series(
    selectors: readonly (readonly Matcher[])[],
    startMs: number,
    endMs: number,
  ): Promise<readonly Labels[]> {
    return Promise.try(() => this.#seriesWithSamples(selectors, startMs, endMs));
  }

  async labelNames(
    selectors: readonly (readonly Matcher[])[],
    startMs: number,
    endMs: number,
  ): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const labels of await this.series(orEverything(selectors), startMs, endMs)) {
      for (const [name] of labels.entries()) names.add(name);
    }
    return [...names].sort();
  }

  async labelValues(
    name: string,
    selectors: readonly (readonly Matcher[])[],
    startMs: number,
    endMs: number,
  ): Promise<readonly string[]> {
    const values = new Set<string>();
    for (const labels of await this.series(orEverything(selectors), startMs, endMs))
      values.add(labels.get(name));
    values.delete('');
    return [...values].sort();
  }

  stats(): StoreStats {
    return {
      activeSeries: this.#index.size,
      samplesAppended: this.#samplesAppended,
      diskBytes: this.#logBytes,
      logBytes: this.#logBytes,
      oldestMs: this.#oldestMs,
      newestMs: this.#newestMs,
      readOnlyReason: this.#refusal?.message ?? null,
    };
  }

  async enforceRetention(): Promise<void> {
    await this.#commits.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed !== undefined) return this.#closed.promise;
    this.#closed = Promise.withResolvers<void>();
    clearTimeout(this.#retryTimer);
    await this.#commits.commit().catch((error: unknown) => {
      this.#runtime.log.error({ err: error }, 'the last telemetry before the stop was not made durable');
    });
    this.#port.post({ kind: 'close' }, []);
    await this.#closed.promise;
    await this.#port.end();
    this.#lock[Symbol.dispose]();
  }

  #seriesWithSamples(selectors: readonly (readonly Matcher[])[], startMs: number, endMs: number): Labels[] {
    const refs = new Set<number>();
    for (const matchers of selectors) for (const ref of matchSeries(this.#index, matchers)) refs.add(ref);
    return [...refs]
      .filter((ref) => headRuns(this.#head, ref, startMs, endMs).length > 0)
      .flatMap((ref) => this.#index.labels(ref) ?? []);
  }

  #agent(agentId: string): AgentSequences {
    let agent = this.#agents.get(agentId);
    if (agent === undefined) {
      agent = { taken: new ReceivedRanges(), durable: new ReceivedRanges() };
      this.#agents.set(agentId, agent);
    }
    return agent;
  }

  #mint(labels: Labels): number {
    if (this.#index.size >= this.#options.maxSeries) return NO_SERIES;
    const ref = this.#index.add(labels);
    this.#unloggedSeries.push(ref);
    return ref;
  }

  /** The group for an append, with everything in it that the append's records refer to. */
  #beginAppend(): CommitGroup {
    const group = this.#commits.group();
    if (this.#unloggedSeries.length > 0) {
      for (const ref of this.#unloggedSeries) {
        const labels = this.#index.labels(ref);
        if (labels !== undefined) writeSeriesRecord(group.out, ref, labels);
      }
      group.series.push(...this.#unloggedSeries);
      this.#unloggedSeries = [];
    }
    if (this.#unloggedMetadata.length > 0) {
      for (const family of this.#unloggedMetadata) writeMetadataRecord(group.out, family);
      group.metadata.push(...this.#unloggedMetadata);
      this.#unloggedMetadata = [];
    }
    return group;
  }

  #logSamples(group: CommitGroup, batch: SampleAppend, taken: readonly number[]): void {
    const accepted = taken.length === batch.refs.length ? batch : pick(batch, taken);
    writeSamplesRecord(group.out, accepted);
    let oldest = Infinity;
    let newest = -Infinity;
    for (const timestamp of accepted.timestampsMs) {
      oldest = Math.min(oldest, timestamp);
      newest = Math.max(newest, timestamp);
    }
    this.#count(taken.length, oldest, newest);
  }

  #count(samples: number, oldestMs: number, newestMs: number): void {
    this.#samplesAppended += samples;
    this.#headSamples += samples;
    this.#metrics.appended.inc(samples);
    if (this.#oldestMs === null || oldestMs < this.#oldestMs) this.#oldestMs = oldestMs;
    if (this.#newestMs === null || newestMs > this.#newestMs) this.#newestMs = newestMs;
  }

  #refuse(samples: number): Promise<void> {
    this.#metrics.refused.inc({ reason: 'read_only' }, samples);
    const refused = Promise.reject(this.#refusal ?? new PlimsollError('unavailable', 'the store is closed'));
    refused.catch(() => undefined);
    return refused;
  }

  #onReply(reply: WriterReply): void {
    switch (reply.kind) {
      case 'committed':
        this.#logBytes = reply.logBytes;
        this.#metrics.commits.inc();
        this.#metrics.syncSeconds.observe(reply.syncSeconds);
        this.#recovered();
        this.#commits.committed(reply.group, reply.buffer);
        return;
      case 'commit-failed':
        this.#metrics.commitFailures.inc();
        this.#becomeReadOnly(reply.failure);
        this.#commits.failed(reply.group, reply.buffer, reply.failure);
        return;
      case 'failed':
        this.#becomeReadOnly(reply.failure);
        return;
      case 'log-dropped':
        this.#logBytes = reply.logBytes;
        return;
      case 'closed':
        this.#closed?.resolve();
        return;
    }
  }

  #onDurable(group: CommitGroup): void {
    for (const { agentId, epoch, first, last } of group.taken)
      this.#agent(agentId).durable.add(epoch, first, last);
  }

  #onFailed(group: CommitGroup): void {
    for (const { agentId, epoch, first, last } of group.taken)
      this.#agent(agentId).taken.remove(epoch, first, last);
    this.#unloggedSeries.push(...group.series);
    this.#unloggedMetadata.push(...group.metadata);
  }

  #becomeReadOnly(failure: WriterFailure): void {
    if (this.#refusal === null) {
      this.#runtime.log.error(
        { code: failure.code },
        `telemetry is read-only until the disk can be written again: ${failure.message}`,
      );
    }
    this.#refusal = new PlimsollError(failure.code, `telemetry cannot be written: ${failure.message}`);
    if (this.#closed !== undefined) return;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      this.#commits.commit(true).catch(() => undefined);
    }, this.#options.retryIntervalMs);
  }

  #recovered(): void {
    if (this.#refusal === null) return;
    this.#refusal = null;
    this.#runtime.log.info('telemetry can be written again');
  }

  #onDeath(error: Error): void {
    const failure: WriterFailure = { code: 'unavailable', message: `the writer stopped: ${error.message}` };
    this.#runtime.log.error({ err: error }, 'the telemetry writer stopped: restart the collector');
    this.#refusal = new PlimsollError('unavailable', failure.message);
    this.#commits.abandon(failure);
    this.#closed?.resolve();
  }
}

function noteTaken(group: CommitGroup, agentId: string, epoch: number, sequence: number): void {
  const last = group.taken.at(-1);
  if (last !== undefined && last.agentId === agentId && last.epoch === epoch && last.last + 1 === sequence) {
    last.last = sequence;
  } else {
    group.taken.push({ agentId, epoch, first: sequence, last: sequence });
  }
}

function pick(batch: SampleAppend, indexes: readonly number[]): SampleAppend {
  const picked = {
    refs: Uint32Array.from(indexes, (i) => batch.refs[i] ?? 0),
    timestampsMs: Float64Array.from(indexes, (i) => batch.timestampsMs[i] ?? 0),
    values: new Float64Array(indexes.length),
  };
  indexes.forEach((from, to) => picked.values.set(batch.values.subarray(from, from + 1), to));
  return picked;
}

function sameMetadata(a: MetricMetadata | undefined, b: MetricMetadata): boolean {
  return a !== undefined && a.type === b.type && a.help === b.help && a.unit === b.unit;
}

function orEverything(selectors: readonly (readonly Matcher[])[]): readonly (readonly Matcher[])[] {
  return selectors.length === 0 ? [[]] : selectors;
}
