import { Labels } from '@plimsoll/promql';
import type { FileConfig } from '../../config/config.ts';
import { NO_SERIES, type SampleOutcome, type TelemetryStore } from '../../telemetry/store.ts';
import type { AgentOwnedSeries } from './agent-owned-series.ts';
import type { WriteRequest, WrittenSeries } from './decode-write-request.ts';
import { readLabels } from './read-labels.ts';
import {
  HISTOGRAMS_REFUSED,
  MAX_FAULTS,
  refusalMessage,
  seriesText,
  type WriteFault,
} from './write-faults.ts';

/** What became of the samples of a request, by the values of the metric's `outcome` label. */
export interface WriteOutcome {
  accepted: number;
  out_of_order: number;
  too_old: number;
  duplicate: number;
  out_of_bounds: number;
  invalid_labels: number;
  agent_owned: number;
  series_limit: number;
  histogram: number;
}

export interface WriteResult {
  readonly outcome: WriteOutcome;
  /** What the sender did wrong. */
  readonly faults: readonly WriteFault[];
  /** Beside them, what version 1 passes over in silence: labels that cannot be and series of agents. */
  readonly silent: readonly WriteFault[];
}

export interface WriteContext {
  readonly store: Pick<TelemetryStore, 'internSeries' | 'appendSamples' | 'setMetadata' | 'select'>;
  readonly owned: AgentOwnedSeries;
  readonly config: FileConfig;
  readonly nowMs: number;
}

/** A series that may be stored, with its place in the request. */
interface ValidSeries {
  readonly at: number;
  readonly labels: Labels;
  readonly series: WrittenSeries;
}

/** Stores what can be stored of a request and tells what became of each sample. Resolves when they are durable. */
export async function writeSamples(request: WriteRequest, context: WriteContext): Promise<WriteResult> {
  const writing = new Writing(context);
  if (request.metadata.length > 0) {
    context.store.setMetadata(request.metadata.filter(({ family }) => family !== ''));
  }
  const valid = writing.check(request.series);
  const refs = context.store.internSeries(valid.map(({ labels }) => labels));
  const batch = writing.collect(valid, refs);
  if (batch.refs.length > 0) {
    const stored = context.store.appendSamples(batch);
    await stored.durable;
    await writing.settle(stored, batch);
  }
  return writing;
}

interface Batch {
  readonly refs: Uint32Array;
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  /** For each sample its series, as an index of the valid ones. */
  readonly owners: Uint32Array;
  readonly series: readonly ValidSeries[];
}

/** One request on its way into the store. */
class Writing implements WriteResult {
  readonly outcome: WriteOutcome = {
    accepted: 0,
    out_of_order: 0,
    too_old: 0,
    duplicate: 0,
    out_of_bounds: 0,
    invalid_labels: 0,
    agent_owned: 0,
    series_limit: 0,
    histogram: 0,
  };
  readonly faults: WriteFault[] = [];
  readonly silent: WriteFault[] = [];
  readonly #context: WriteContext;

  constructor(context: WriteContext) {
    this.#context = context;
  }

  /** Leaves out the series whose labels cannot be. */
  check(all: readonly WrittenSeries[]): readonly ValidSeries[] {
    const valid: ValidSeries[] = [];
    for (const [at, series] of all.entries()) {
      const read = series.fault ?? readLabels(series.labels, this.#context.config.ingest);
      if (typeof read === 'string') {
        this.outcome.invalid_labels += series.values.length;
        this.#pass({ series: at, message: read, labels: null });
        continue;
      }
      this.outcome.histogram += series.histograms;
      if (series.histograms > 0) {
        this.#fault({ series: at, message: HISTOGRAMS_REFUSED, labels: read.pairs });
      } else if (series.values.length === 0) {
        const message = `TimeSeries must contain at least one sample or histogram for series ${seriesText(read.pairs)}`;
        this.#pass({ series: at, message, labels: null });
      }
      if (series.values.length > 0) valid.push({ at, labels: read, series });
    }
    return valid;
  }

  /** The samples that may be stored, as columns. */
  collect(valid: readonly ValidSeries[], refs: Uint32Array): Batch {
    const { owned, config, nowMs } = this.#context;
    const size = valid.reduce((sum, { series }) => sum + series.values.length, 0);
    const batch = {
      refs: new Uint32Array(size),
      timestampsMs: new Float64Array(size),
      values: new Float64Array(size),
      owners: new Uint32Array(size),
    };
    const latestMs = nowMs + config.storage.maxFutureMs;
    let length = 0;
    for (const [owner, { at, labels, series }] of valid.entries()) {
      const ref = refs[owner] ?? NO_SERIES;
      if (ref === NO_SERIES || owned.has(ref)) {
        this.#refuseSeries(ref === NO_SERIES, at, labels, series);
        continue;
      }
      for (const [i, timestampMs] of series.timestampsMs.entries()) {
        if (timestampMs > latestMs) {
          this.outcome.out_of_bounds++;
          this.#fault({
            series: at,
            message: 'out of bounds: timestamp is too far in the future',
            labels: labels.pairs,
          });
          continue;
        }
        batch.refs[length] = ref;
        batch.timestampsMs[length] = timestampMs;
        batch.values[length] = series.values[i] ?? Number.NaN;
        batch.owners[length] = owner;
        length++;
      }
    }
    return {
      refs: batch.refs.subarray(0, length),
      timestampsMs: batch.timestampsMs.subarray(0, length),
      values: batch.values.subarray(0, length),
      owners: batch.owners,
      series: valid,
    };
  }

  /** Takes over what the store says. */
  async settle(stored: SampleOutcome, batch: Batch): Promise<void> {
    const { outcome } = this;
    outcome.accepted += stored.accepted;
    outcome.out_of_order += stored.outOfOrder;
    outcome.too_old += stored.tooOld;
    outcome.duplicate += stored.duplicate;
    for (const { index, reason } of stored.refused ?? []) {
      const owner = batch.series[batch.owners[index] ?? 0];
      if (owner === undefined) continue;
      const labels = owner.labels.pairs;
      const timestampMs = batch.timestampsMs[index] ?? 0;
      const sample = { labels, timestampMs, value: batch.values[index] ?? Number.NaN };
      const message = await refusalMessage(reason, sample, this.#context.store);
      this.#fault({ series: owner.at, message, labels });
    }
  }

  #fault(fault: WriteFault): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push(fault);
  }

  #pass(fault: WriteFault): void {
    if (this.silent.length < MAX_FAULTS) this.silent.push(fault);
  }

  #refuseSeries(overLimit: boolean, at: number, labels: Labels, series: WrittenSeries): void {
    const fault = { series: at, labels: labels.pairs };
    if (overLimit) {
      this.outcome.series_limit += series.values.length;
      const message = 'the limit of series is reached: raise ingest.maxSeriesTotal or send fewer series';
      this.#fault({ ...fault, message });
    } else {
      this.outcome.agent_owned += series.values.length;
      this.#pass({ ...fault, message: 'an agent sends the same series and wins' });
    }
  }
}
