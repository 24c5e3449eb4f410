import type { AgentSequences } from '../agent-sequences.ts';
import type { MetricMetadata, SeriesRef } from '../../store.ts';
import type { IndexChanges } from './index-file.ts';
import type { SeriesIndex } from './series-index.ts';
import { encodeSeries } from './series-records.ts';

/** New series that are taken at once: some megabytes of label sets, and milliseconds of work. */
const MAX_SERIES = 4096;

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
    for (const ref of refs) this.#gone.push(ref);
  }

  addMetadata(family: MetricMetadata): void {
    this.#metadata.push(family);
  }

  /** New series that wait. */
  get waitingSeries(): number {
    return this.#series.length;
  }

  /** Takes everything out, of new series a part only. What cannot be written has to be given back. */
  take(): IndexChanges {
    const series = this.#series.splice(0, MAX_SERIES).filter((ref) => this.#index.has(ref));
    const labels = encodeSeries(series, (ref) => this.#index.pairs(ref));
    // A series may have come back since it was retired.
    const gone = this.#gone.filter((ref) => !this.#index.has(ref));
    const metadata = this.#metadata;
    this.#gone = [];
    this.#metadata = [];
    const received = this.#sequences
      .takeChanged()
      .map((agentId) => [agentId, this.#sequences.durableRanges(agentId)] as const);
    return { series, labels, gone, metadata, received };
  }

  giveBack(changes: IndexChanges): void {
    this.#series = [...changes.series, ...this.#series];
    this.#gone = [...changes.gone, ...this.#gone];
    this.#metadata = [...changes.metadata, ...this.#metadata];
    this.#sequences.stillChanged(changes.received.map(([agentId]) => agentId));
  }
}
