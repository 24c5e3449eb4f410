import { pickSamples } from '../../sample-columns.ts';
import type { FrameAppend, MetricMetadata, SampleAppend, SeriesRef } from '../../store.ts';
import type { FrameSet } from '../head/frame-set.ts';
import type { SeriesIndex } from '../index/series-index.ts';
import type { CommitGroup, GroupCommit } from './group-commit.ts';
import {
  writeFrameRecord,
  writeMetadataRecord,
  writeSamplesRecord,
  writeSeriesRecord,
  writeSetRecord,
} from './log-records.ts';

/** Writes appends into commit groups, and before them, once, what they refer to. */
export class AppendLog {
  readonly #commits: GroupCommit;
  readonly #index: SeriesIndex;
  readonly #series: SeriesRef[] = [];
  readonly #metadata: MetricMetadata[] = [];

  constructor(commits: GroupCommit, index: SeriesIndex) {
    this.#commits = commits;
    this.#index = index;
  }

  /** To be written with the next append. */
  define(series: readonly SeriesRef[], metadata: readonly MetricMetadata[]): void {
    // Not by concat: a dictionary of thousands of series comes one by one.
    for (const ref of series) this.#series.push(ref);
    for (const family of metadata) this.#metadata.push(family);
  }

  frame(set: FrameSet, frame: FrameAppend): CommitGroup {
    const group = this.#begin();
    if (set.loggedSegment !== group.segment) {
      writeSetRecord(group.out, set.id, set.agentId, set.refs);
      set.loggedSegment = group.segment;
    }
    writeFrameRecord(group.out, set.id, frame);
    const { agentId, epoch, sequence } = frame;
    const last = group.taken.at(-1);
    if (last?.agentId === agentId && last.epoch === epoch && last.last + 1 === sequence) last.last = sequence;
    else group.taken.push({ agentId, epoch, first: sequence, last: sequence });
    return group;
  }

  samples(group: CommitGroup, batch: SampleAppend, taken: readonly number[]): void {
    writeSamplesRecord(group.out, taken.length === batch.refs.length ? batch : pickSamples(batch, taken));
  }

  /** The group that the next append joins, with all definitions in it. */
  group(): CommitGroup {
    return this.#begin();
  }

  /** Definitions of a group that was lost are written again. */
  failed(group: CommitGroup): void {
    this.define(group.series, group.metadata);
  }

  #begin(): CommitGroup {
    const group = this.#commits.group();
    if (this.#series.length + this.#metadata.length === 0) return group;
    for (const ref of this.#series) {
      if (this.#index.has(ref)) writeSeriesRecord(group.out, ref, this.#index.pairs(ref));
      group.series.push(ref);
    }
    for (const family of this.#metadata) {
      writeMetadataRecord(group.out, family);
      group.metadata.push(family);
    }
    this.#series.length = 0;
    this.#metadata.length = 0;
    return group;
  }
}
