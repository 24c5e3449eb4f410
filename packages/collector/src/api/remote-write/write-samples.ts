import type { Labels } from '@plimsoll/promql';
import type { FileConfig } from '../../config/config.ts';
import { NO_SERIES, type SampleOutcome, type TelemetryStore } from '../../telemetry/store.ts';
import type { AgentOwnedSeries } from './agent-owned-series.ts';
import type { WriteRequest, WrittenSeries } from './decode-write-request.ts';
import { readLabels } from './read-labels.ts';
import { Batch, type ValidSeries } from './write-batch.ts';
import { MAX_FAULTS, refusalMessage, seriesText, type WriteFault } from './write-faults.ts';

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
  invalid_histogram: number;
}

export interface WriteResult {
  readonly outcome: WriteOutcome;
  /** Accepted samples that are native histograms. */
  readonly histograms: number;
  /** What the sender did wrong. */
  readonly faults: readonly WriteFault[];
  /** Beside them, what version 1 passes over in silence: labels that cannot be and series of agents. */
  readonly silent: readonly WriteFault[];
}

/** What of the store writing needs. */
export type StoreParts = 'internSeries' | 'appendSamples' | 'setMetadata' | 'select';

export interface WriteContext {
  readonly store: Pick<TelemetryStore, StoreParts>;
  readonly owned: AgentOwnedSeries;
  readonly config: FileConfig;
  readonly nowMs: number;
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
  if (batch.length > 0) {
    const stored = context.store.appendSamples(batch.columns());
    await stored.durable;
    await writing.settle(stored, batch);
  }
  return writing;
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
    invalid_histogram: 0,
  };
  histograms = 0;
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
        this.outcome.invalid_labels += series.values.length + series.histograms.length;
        this.#pass({ series: at, message: read, labels: null });
        continue;
      }
      if (series.values.length + series.histograms.length > 0) valid.push({ at, labels: read, series });
      else {
        const message = `TimeSeries must contain at least one sample or histogram for series ${seriesText(read.pairs)}`;
        this.#pass({ series: at, message, labels: null });
      }
    }
    return valid;
  }

  /** The samples that may be stored, as columns. */
  collect(valid: readonly ValidSeries[], refs: Uint32Array): Batch {
    const { owned } = this.#context;
    const size = valid.reduce((sum, { series }) => sum + series.values.length + series.histograms.length, 0);
    const batch = new Batch(valid, size);
    for (const [owner, { at, labels, series }] of valid.entries()) {
      const ref = refs[owner] ?? NO_SERIES;
      if (ref === NO_SERIES || owned.has(ref)) {
        this.#refuseSeries(ref === NO_SERIES, at, labels, series);
        continue;
      }
      for (const [i, timestampMs] of series.timestampsMs.entries()) {
        if (this.#isTooEarly(timestampMs, at, labels)) continue;
        const startMs = series.startTimestampsMs?.[i] ?? 0;
        batch.add(owner, ref, timestampMs, startMs, series.values[i] ?? Number.NaN);
      }
      for (const { timestampMs, startTimestampMs, content } of series.histograms) {
        if (this.#isTooEarly(timestampMs, at, labels)) continue;
        if (typeof content === 'object' && 'fault' in content) {
          this.outcome.invalid_histogram++;
          this.#fault({ series: at, message: content.fault, labels: labels.pairs });
        } else batch.add(owner, ref, timestampMs, startTimestampMs, content);
      }
    }
    return batch;
  }

  /** Before its time has come. */
  #isTooEarly(timestampMs: number, at: number, labels: Labels): boolean {
    const { config, nowMs } = this.#context;
    if (timestampMs <= nowMs + config.storage.maxFutureMs) return false;
    this.outcome.out_of_bounds++;
    const message = 'out of bounds: timestamp is too far in the future';
    this.#fault({ series: at, message, labels: labels.pairs });
    return true;
  }

  /** Takes over what the store says. */
  async settle(stored: SampleOutcome, batch: Batch): Promise<void> {
    const { outcome } = this;
    outcome.accepted += stored.accepted;
    this.histograms += stored.histograms ?? 0;
    outcome.out_of_order += stored.outOfOrder;
    outcome.too_old += stored.tooOld;
    outcome.duplicate += stored.duplicate;
    for (const { index, reason } of stored.refused ?? []) {
      const owner = batch.ownerOf(index);
      if (owner === undefined) continue;
      const labels = owner.labels.pairs;
      const value = batch.histogramAt(index) ?? batch.valueAt(index);
      const sample = { labels, timestampMs: batch.timestampAt(index), value };
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
    const samples = series.values.length + series.histograms.length;
    if (overLimit) {
      this.outcome.series_limit += samples;
      const message = 'the limit of series is reached: raise ingest.maxSeriesTotal or send fewer series';
      this.#fault({ ...fault, message });
    } else {
      this.outcome.agent_owned += samples;
      this.#pass({ ...fault, message: 'an agent sends the same series and wins' });
    }
  }
}
