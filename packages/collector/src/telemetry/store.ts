import type { Labels, Matcher, Queryable } from '@plimsoll/promql';
import type { SampleColumns } from './sample-columns.ts';

/** A series' number inside a running store: dense, unsigned 32 bits, not stable across restarts. */
export type SeriesRef = number;

/** Stands in a list of refs for a series the store refused (over a limit); its samples are dropped and counted. */
export const NO_SERIES: SeriesRef = 0xffff_ffff;

/** One collection of one agent. (agentId, epoch, sequence) makes its storage exactly once. */
export interface FrameAppend {
  readonly agentId: string;
  /** Microseconds since the Unix epoch when the agent process started. A safe integer. */
  readonly epoch: number;
  readonly sequence: number;
  readonly timestampMs: number;
  /** Made by `internSeries`, one for each value; reused by reference for all frames of one dictionary version. */
  readonly refs: Uint32Array;
  /** May hold stale markers and "no sample" (see @plimsoll/proto). Read before the call returns, not kept. */
  readonly values: Float64Array;
  /** Sent later than its collection. */
  readonly backfill: boolean;
}

/** Samples without an agent: rule results, remote-written series. */
export type SampleAppend = SampleColumns;

/** Why samples of a SampleAppend were not taken, Prometheus' classes. Duplicate means same timestamp, other value. */
export interface SampleOutcome {
  readonly accepted: number;
  /** Those of them that are native histograms. */
  readonly histograms?: number;
  readonly outOfOrder: number;
  readonly tooOld: number;
  readonly duplicate: number;
  /** The first of those not taken, in their order: enough to tell a sender what is wrong. */
  readonly refused?: readonly RefusedSample[];
  readonly durable: Promise<void>;
}

/** A sample that was not taken, by its index in the batch. */
export interface RefusedSample {
  readonly index: number;
  readonly reason: 'outOfOrder' | 'tooOld' | 'duplicate';
}

/** How many refused samples of a batch are named: a sender that does one thing wrong does it thousands of times. */
export const MAX_REFUSED_NAMED = 20;

/** What became of a frame. `durable` is shared by all frames of one commit group and resolves after fdatasync. */
export interface FrameOutcome {
  /** 'duplicate' when this (agent, epoch, sequence) is in the store or under way already; `durable` still holds for it. */
  readonly status: 'accepted' | 'duplicate' | 'too_old';
  readonly durable: Promise<void>;
}

/** Inclusive at both ends. */
export interface SequenceRange {
  readonly epoch: number;
  readonly first: number;
  readonly last: number;
}

/** By their number in Prometheus' protocols. */
export const METRIC_TYPES = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
] as const;

export type MetricType = (typeof METRIC_TYPES)[number];

/** The type with this name; `unknown` for one that a later version may have added. */
export function asMetricType(name: string | undefined): MetricType {
  return METRIC_TYPES.find((type) => type === name) ?? 'unknown';
}

export interface MetricMetadata {
  readonly family: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

export interface StoreStats {
  readonly activeSeries: number;
  readonly samplesAppended: number;
  readonly diskBytes: number;
  readonly logBytes: number;
  readonly oldestMs: number | null;
  readonly newestMs: number | null;
  /** Set while the store refuses appends: the disk or the free-space reserve is exhausted. */
  readonly readOnlyReason: string | null;
  /** What keeps the long-term engine from taking telemetry; null while nothing does, absent without such an engine. */
  readonly longTerm?: LongTermTrouble | null;
}

/** `fault` is a word for programs, `message` is for people. */
export interface LongTermTrouble {
  readonly fault: string;
  readonly message: string;
  readonly sinceMs: number;
}

/** Finds what series there are. */
export interface SeriesLookup {
  /** Label sets matching any of the matcher lists (each list is a conjunction) with samples in the range. */
  series(
    selectors: readonly (readonly Matcher[])[],
    startMs: number,
    endMs: number,
  ): Promise<readonly Labels[]>;
  labelNames(
    selectors: readonly (readonly Matcher[])[],
    startMs: number,
    endMs: number,
  ): Promise<readonly string[]>;
  labelValues(
    name: string,
    selectors: readonly (readonly Matcher[])[],
    startMs: number,
    endMs: number,
  ): Promise<readonly string[]>;
}

/**
 * Where telemetry lives. Appends are durable when their `durable` promise resolves; it rejects with
 * `PlimsollError('out_of_space' | 'unavailable')` when the group could not be made durable, and then nothing of the
 * group counts as received. Selects see what is appended at once, also before it is durable.
 */
export interface TelemetryStore extends Queryable, SeriesLookup, AsyncDisposable {
  /** Identifies the data: minted when the store is created or restored. */
  readonly incarnation: string;
  /** Numbers for label sets, minting new ones; NO_SERIES where a limit forbids it. */
  internSeries(labels: readonly Labels[]): Uint32Array;
  appendFrame(frame: FrameAppend): FrameOutcome;
  appendSamples(batch: SampleAppend): SampleOutcome;
  /** Which frames of an agent are durable. */
  receivedRanges(agentId: string): readonly SequenceRange[];
  setMetadata(families: readonly MetricMetadata[]): void;
  metadata(family?: string): readonly MetricMetadata[];
  /**
   * Deletes the samples that series matching any of the selectors have now in [startMs, endMs]; those appended later
   * stay. Resolves when that is durable. Rejects with PlimsollError 'failed_precondition' where the engine cannot.
   */
  deleteSeries(selectors: readonly (readonly Matcher[])[], startMs: number, endMs: number): Promise<void>;
  /** Frees the room that deleted samples take; the store does it by itself too, later. */
  cleanDeleted(): Promise<void>;
  stats(): StoreStats;
  /** Drops data older than retention allows; called by the collector once a minute. */
  enforceRetention(nowMs: number): Promise<void>;
}
