import type { AgentSequences } from './agent-sequences.ts';
import { type MetricMetadata, NO_SERIES, type SampleAppend, type SeriesRef } from '../store.ts';
import type { FrameSet } from './head/frame-set.ts';
import type { Head } from './head/head.ts';
import type { SeriesIndex } from './index/series-index.ts';
import type { LoggedFrame } from './log/log-records.ts';
import { type ReplayedLog, replayLog } from './log/replay-log.ts';
import { ReceivedRanges } from './received-ranges.ts';
import type { RecoveredBlocks } from './recover-blocks.ts';

/** What is in the log was accepted before. */
const NO_LIMITS = { outOfOrderWindowMs: Infinity, oldestMs: -Infinity };

export interface LogTarget {
  readonly index: SeriesIndex;
  readonly head: Head;
  readonly sequences: AgentSequences;
  readonly metadata: Map<string, MetricMetadata>;
}

export interface RecoveredLog extends ReplayedLog {
  /** Not in the index file before. */
  readonly newSeries: readonly SeriesRef[];
  readonly newMetadata: readonly MetricMetadata[];
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** Puts what the log holds, and no sealed block does, back into the head. */
export function recoverLog(directory: string, into: LogTarget, blocks: RecoveredBlocks): RecoveredLog {
  const replay = new LogReplay(into, blocks);
  const replayed = replayLog(directory, (segment) => replay.begin(segment), {
    knows: (ref) => into.index.has(ref),
    series: (ref, labels) => {
      into.index.add(labels, ref);
      replay.newSeries.push(ref);
    },
    set: (setId, agentId, refs) => replay.set(setId, agentId, refs),
    frame: (setId, frame) => replay.frame(setId, frame),
    samples: (batch) => replay.samples(batch),
    metadata: (family) => {
      into.metadata.set(family.family, family);
      replay.newMetadata.push(family);
    },
  });
  for (const [agentId, ranges] of replay.received) into.sequences.recovered(agentId, ranges.ranges());
  const { newSeries, newMetadata, oldestMs, newestMs } = replay;
  return { ...replayed, newSeries, newMetadata, oldestMs, newestMs };
}

class LogReplay {
  readonly newSeries: SeriesRef[] = [];
  readonly newMetadata: MetricMetadata[] = [];
  readonly received = new Map<string, ReceivedRanges>();
  oldestMs = Infinity;
  newestMs = -Infinity;
  readonly #into: LogTarget;
  readonly #blocks: RecoveredBlocks;
  readonly #sets = new Map<number, FrameSet>();
  #segment = 0;

  constructor(into: LogTarget, blocks: RecoveredBlocks) {
    this.#into = into;
    this.#blocks = blocks;
  }

  begin(segment: number): void {
    this.#segment = segment;
    this.#sets.clear();
  }

  set(setId: number, agentId: string, refs: Uint32Array): void {
    this.#sets.set(setId, this.#into.head.frameSet(agentId, refs));
  }

  frame(setId: number, frame: LoggedFrame): void {
    const set = this.#sets.get(setId);
    if (set === undefined) throw new RangeError(`a frame in the log names the undefined set ${setId}`);
    const { agentId } = set;
    const { epoch, sequence, timestampMs } = frame;
    let received = this.received.get(agentId);
    if (received === undefined) this.received.set(agentId, (received = new ReceivedRanges()));
    if (received.has(epoch, sequence)) return;
    received.add(epoch, sequence, sequence);
    if (this.#blocks.sealed.get(agentId)?.has(epoch, sequence) === true) return;
    const values = new Float64Array(set.refs.length);
    new Uint8Array(values.buffer).set(frame.valueBytes);
    this.#into.head.blockFor(set, timestampMs, this.#segment).append(frame, values, this.#segment);
    this.#seen(timestampMs);
  }

  samples(batch: SampleAppend): void {
    const fresh = { ...batch, refs: batch.refs.slice() };
    batch.refs.forEach((ref, i) => {
      const timestamp = batch.timestampsMs[i] ?? 0;
      if (this.#blocks.looseTimes.get(ref)?.has(timestamp) === true) fresh.refs[i] = NO_SERIES;
      else this.#seen(timestamp);
    });
    this.#into.head.appendSamples(fresh, NO_LIMITS, this.#segment, () => undefined);
  }

  #seen(timestampMs: number): void {
    this.oldestMs = Math.min(this.oldestMs, timestampMs);
    this.newestMs = Math.max(this.newestMs, timestampMs);
  }
}
