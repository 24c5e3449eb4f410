import type { MetricMetadata } from '../store.ts';
import type { FrameSet } from './head/frame-set.ts';
import type { Head } from './head/head.ts';
import type { SeriesIndex } from './index/series-index.ts';
import { type ReplayedLog, replayLog } from './log/replay-log.ts';
import { ReceivedRanges } from './received-ranges.ts';

/** What is in the log was accepted before. */
const NO_LIMITS = { outOfOrderWindowMs: Infinity, oldestMs: -Infinity };

export interface Recovered {
  readonly index: SeriesIndex;
  readonly head: Head;
  readonly received: Map<string, ReceivedRanges>;
  readonly metadata: Map<string, MetricMetadata>;
}

/** Puts what the log holds back into the head. Everything recovered counts as group 0: durable before this start. */
export function recoverLog(directory: string, into: Recovered): ReplayedLog {
  const { index, head, received, metadata } = into;
  const sets = new Map<number, FrameSet>();
  return replayLog(directory, () => sets.clear(), {
    series(ref, labels) {
      if (index.labels(ref) === undefined) index.add(labels, ref);
    },
    set: (setId, agentId, refs) => sets.set(setId, head.frameSet(agentId, refs)),
    frame(setId, frame) {
      const set = sets.get(setId);
      if (set === undefined) return;
      const values = new Float64Array(set.refs.length);
      new Uint8Array(values.buffer).set(frame.valueBytes);
      const ranges = rangesOf(received, set.agentId);
      if (ranges.has(frame.epoch, frame.sequence)) return;
      ranges.add(frame.epoch, frame.sequence, frame.sequence);
      head
        .blockFor(set, frame.timestampMs, 0, 0)
        .append(frame.timestampMs, frame.epoch, frame.sequence, values);
    },
    samples: (batch) => head.appendSamples(batch, NO_LIMITS, 0, 0, () => undefined),
    metadata: (family) => metadata.set(family.family, family),
  });
}

function rangesOf(received: Map<string, ReceivedRanges>, agentId: string): ReceivedRanges {
  let ranges = received.get(agentId);
  if (ranges === undefined) received.set(agentId, (ranges = new ReceivedRanges()));
  return ranges;
}
