import { Labels, METRIC_NAME } from '@plimsoll/promql';
import type { FileConfig } from '../../config/config.ts';
import { NO_SERIES, type TelemetryStore } from '../../telemetry/store.ts';
import type { AgentOwnedSeries } from './agent-owned-series.ts';
import type { WriteRequest, WrittenSeries } from './decode-write-request.ts';

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

export interface WriteContext {
  readonly store: Pick<TelemetryStore, 'internSeries' | 'appendSamples' | 'setMetadata'>;
  readonly owned: AgentOwnedSeries;
  readonly config: FileConfig;
  readonly nowMs: number;
}

const LABEL_TEXT = new TextEncoder();

/** Stores what can be stored of a request and tells what became of each sample. Resolves when they are durable. */
export async function writeSamples(request: WriteRequest, context: WriteContext): Promise<WriteOutcome> {
  const outcome = emptyOutcome();
  if (request.metadata.length > 0) {
    context.store.setMetadata(request.metadata.filter(({ family }) => family !== ''));
  }
  const valid: { labels: Labels; series: WrittenSeries }[] = [];
  for (const series of request.series) {
    outcome.histogram += series.histograms;
    const labels = readLabels(series.labels, context.config.ingest);
    if (labels === null) outcome.invalid_labels += series.values.length;
    else valid.push({ labels, series });
  }
  const refs = context.store.internSeries(valid.map(({ labels }) => labels));
  const batch = collect(
    valid.map(({ series }) => series),
    refs,
    context,
    outcome,
  );
  if (batch.refs.length === 0) return outcome;
  const stored = context.store.appendSamples(batch);
  await stored.durable;
  outcome.accepted += stored.accepted;
  outcome.out_of_order += stored.outOfOrder;
  outcome.too_old += stored.tooOld;
  outcome.duplicate += stored.duplicate;
  return outcome;
}

function emptyOutcome(): WriteOutcome {
  return {
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
}

/** The samples that may be stored, as columns. */
function collect(
  series: readonly WrittenSeries[],
  refs: Uint32Array,
  { owned, config, nowMs }: WriteContext,
  outcome: WriteOutcome,
) {
  const size = series.reduce((sum, { values }) => sum + values.length, 0);
  const batch = {
    refs: new Uint32Array(size),
    timestampsMs: new Float64Array(size),
    values: new Float64Array(size),
  };
  const latestMs = nowMs + config.storage.maxFutureMs;
  let length = 0;
  for (const [index, { timestampsMs, values }] of series.entries()) {
    const ref = refs[index] ?? NO_SERIES;
    if (ref === NO_SERIES) outcome.series_limit += values.length;
    else if (owned.has(ref)) outcome.agent_owned += values.length;
    else {
      for (const [i, timestampMs] of timestampsMs.entries()) {
        if (timestampMs > latestMs) {
          outcome.out_of_bounds++;
          continue;
        }
        batch.refs[length] = ref;
        batch.timestampsMs[length] = timestampMs;
        batch.values[length] = values[i] ?? Number.NaN;
        length++;
      }
    }
  }
  return {
    refs: batch.refs.subarray(0, length),
    timestampsMs: batch.timestampsMs.subarray(0, length),
    values: batch.values.subarray(0, length),
  };
}

/** Null when a series has no name, a label twice, or labels over the limits. */
function readLabels(pairs: readonly string[], limits: FileConfig['ingest']): Labels | null {
  if (pairs.length / 2 > limits.maxLabelsPerSeries) return null;
  const entries = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    const value = pairs[i + 1] ?? '';
    if (name === '' || entries.has(name)) return null;
    if (isLonger(name, limits.maxLabelNameBytes) || isLonger(value, limits.maxLabelValueBytes)) return null;
    entries.set(name, value);
  }
  if ((entries.get(METRIC_NAME) ?? '') === '') return null;
  return Labels.fromEntries(entries);
}

function isLonger(text: string, maxBytes: number): boolean {
  // A UTF-16 unit is at most three bytes of UTF-8: most texts need no encoding to be judged.
  return text.length * 3 > maxBytes && LABEL_TEXT.encode(text).length > maxBytes;
}
