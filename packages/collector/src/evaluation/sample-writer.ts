import { FloatHistogram, type Labels } from '@plimsoll/promql';
import { writeStaleMarker } from '@plimsoll/proto';
import type { RuleSample } from '@plimsoll/rules';
import type { Runtime } from '../runtime.ts';
import { NO_SERIES, type TelemetryStore } from '../telemetry/store.ts';
import type { EvaluationMetrics } from './evaluation-metrics.ts';

/** Writes what rules yield, counting what the store refuses. */
export class SampleWriter {
  readonly #store: TelemetryStore;
  readonly #metrics: EvaluationMetrics;
  readonly #runtime: Runtime;

  constructor(store: TelemetryStore, metrics: EvaluationMetrics, runtime: Runtime) {
    this.#store = store;
    this.#metrics = metrics;
    this.#runtime = runtime;
  }

  /**
   * Later queries see the samples when this returns; they become durable with the store's next commit. Answers what is
   * wrong where the store did not take some, else null.
   */
  write(samples: readonly RuleSample[], stale: readonly RuleSample[]): string | null {
    const all = [...samples, ...stale];
    if (all.length === 0) return null;
    const values = Float64Array.from(all, ({ value }) => value);
    for (let i = samples.length; i < all.length; i++) writeStaleMarker(values, i);
    const histograms = samples.map(({ histogram }) =>
      histogram instanceof FloatHistogram ? histogram : undefined,
    );
    return this.writeColumns(
      all.map(({ labels }) => labels),
      Float64Array.from(all, ({ timestampMs }) => timestampMs),
      values,
      histograms.some((histogram) => histogram !== undefined) ? histograms : undefined,
    );
  }

  writeColumns(
    labels: readonly Labels[],
    timestampsMs: Float64Array,
    values: Float64Array,
    histograms?: readonly (FloatHistogram | undefined)[],
  ): string | null {
    const refs = this.#store.internSeries(labels);
    const refused = refs.reduce((count, ref) => count + (ref === NO_SERIES ? 1 : 0), 0);
    if (refused > 0) this.#refuse('series_limit', refused);
    const { outOfOrder, tooOld, duplicate, accepted, durable } = this.#store.appendSamples({
      refs,
      timestampsMs,
      values,
      ...(histograms && { histograms }),
    });
    this.#refuse('out_of_order', outOfOrder);
    this.#refuse('too_old', tooOld);
    this.#refuse('duplicate', duplicate);
    durable.catch((error: unknown) => {
      this.#refuse('not_durable', accepted);
      this.#runtime.log.warn({ err: error }, 'samples of rules could not be made durable');
    });
    const lost = refused + outOfOrder + tooOld + duplicate;
    if (lost === 0) return null;
    return `${lost} of ${values.length} samples were not stored: ${refused} over the series limit, ${outOfOrder} out of order, ${tooOld} too old, ${duplicate} differ from one at the same time`;
  }

  #refuse(reason: string, count: number): void {
    if (count > 0) this.#metrics.samplesRefused.inc({ reason }, count);
  }
}
