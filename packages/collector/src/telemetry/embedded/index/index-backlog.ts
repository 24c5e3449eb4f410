import type { AgentSequences } from '../agent-sequences.ts';
import type { MetricMetadata, SeriesRef } from '../../store.ts';
import type { IndexChanges, NumberedSeries } from './index-file.ts';
import type { SeriesIndex } from './series-index.ts';

/** What the log holds and the index file does not yet: it has to move there before the log may go. */
export class IndexBacklog {
  readonly #index: SeriesIndex;
  readonly #sequences: AgentSequences;
  #series: SeriesRef[] = [];
  #gone: SeriesRef[] = [];
  #metadata: MetricMetadata[] = [];

  constructor(index: SeriesIndex, sequences: AgentSequences) {
    this.#index = index;
    this.#sequences = sequences;
  }

  addSeries(ref: SeriesRef): void {
    this.#series.push(ref);
  }

  addGone(refs: Iterable<SeriesRef>): void {
    this.#gone.push(...refs);
  }

  addMetadata(family: MetricMetadata): void {
    this.#metadata.push(family);
  }

  /** Takes everything out. What cannot be written has to be given back. */
  take(): IndexChanges {
    const series = this.#series.flatMap((ref): NumberedSeries[] => {
      const labels = this.#index.labels(ref);
      return labels === undefined ? [] : [[ref, labels.pairs]];
    });
    // A series may have come back since it was retired.
    const gone = this.#gone.filter((ref) => this.#index.labels(ref) === undefined);
    const metadata = this.#metadata;
    this.#gone = [];
    this.#series = [];
    this.#metadata = [];
    const received = this.#sequences
      .takeChanged()
      .map((agentId) => [agentId, this.#sequences.durableRanges(agentId)] as const);
    return { series, gone, metadata, received };
  }

  giveBack(changes: IndexChanges): void {
    this.#series = [...changes.series.map(([ref]) => ref), ...this.#series];
    this.#gone = [...changes.gone, ...this.#gone];
    this.#metadata = [...changes.metadata, ...this.#metadata];
    this.#sequences.stillChanged(changes.received.map(([agentId]) => agentId));
  }
}
