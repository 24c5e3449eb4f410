import {
  createEngine,
  type Engine,
  type Expression,
  FloatHistogram,
  Labels,
  MemoryStorage,
  parseSeriesDescription,
  type SequenceValue,
} from '@plimsoll/promql';
import type { ResultSample, RuleSample } from '../evaluate-rule.ts';
import { resultSamples } from '../result-samples.ts';
import type { ComparedSample } from './compare-results.ts';
import { formatHistogram, withCounterResetHints } from './histogram-text.ts';
import type { ExpressionExpectation, RuleTest } from './rule-test-file.ts';

/** Samples one query of a test may hold, as in promtool. */
const MAX_SAMPLES = 10_000;

interface InputSeries {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
  /** How many of the values were stored. */
  loaded: number;
}

/** The storage and the engine of one test; input comes in as time goes on. */
export class RuleTestBench {
  readonly #storage = new MemoryStorage();
  readonly #engine: Engine;
  readonly #series: readonly InputSeries[];
  readonly #startMs: number;
  readonly #intervalMs: number;
  /** The newest sample rules wrote to each series. */
  readonly #written = new Map<string, { readonly timeMs: number; readonly value: number }>();

  /** @throws PromqlParseError where an input series cannot be read */
  constructor(test: RuleTest, evaluationIntervalMs: number) {
    this.#engine = createEngine({ defaultSubqueryStepMs: evaluationIntervalMs, maxSamples: MAX_SAMPLES });
    this.#startMs = test.startMs;
    this.#intervalMs = test.intervalMs;
    this.#series = test.series.map(({ series, values }) => {
      const description = parseSeriesDescription(`${series} ${values}`);
      return { labels: description.labels, values: withCounterResetHints(description.values), loaded: 0 };
    });
  }

  /** Stores the input up to `timeMs`; queries see no later one. */
  loadUntil(timeMs: number): void {
    for (const series of this.#series) {
      const due = Math.floor((timeMs - this.#startMs) / this.#intervalMs) + 1;
      const values = series.values.slice(series.loaded, due);
      const first = series.loaded;
      this.#storage.append(
        series.labels,
        values.flatMap((value, i) => this.#toSample(value, first + i)),
      );
      series.loaded += values.length;
    }
  }

  #toSample(
    value: SequenceValue,
    index: number,
  ): { timeMs: number; value: number | 'stale' | FloatHistogram }[] {
    const timeMs = this.#startMs + index * this.#intervalMs;
    if (value.kind === 'omitted') return [];
    if (value.kind === 'stale') return [{ timeMs, value: 'stale' }];
    return [{ timeMs, value: value.kind === 'float' ? value.value : value.histogram }];
  }

  /** Stores what a rule wrote; answers a sample that another rule wrote otherwise at the same time. */
  append(samples: readonly RuleSample[], stale: readonly RuleSample[]): string | null {
    let problem: string | null = null;
    for (const { labels, timestampMs, value, histogram } of samples) {
      const last = this.#written.get(labels.key);
      if (last?.timeMs === timestampMs && last.value !== value) {
        const values = `existing ${last.value}, new value ${value}`;
        problem = `duplicate sample for timestamp ${timestampMs}; overrides not allowed: ${values}`;
        continue;
      }
      this.#written.set(labels.key, { timeMs: timestampMs, value });
      const stored = histogram instanceof FloatHistogram ? histogram : value;
      this.#storage.append(labels, [{ timeMs: timestampMs, value: stored }]);
    }
    for (const { labels, timestampMs } of stale)
      this.#storage.append(labels, [{ timeMs: timestampMs, value: 'stale' }]);
    return problem;
  }

  async query(expression: Expression | string, timeMs: number): Promise<readonly ResultSample[]> {
    const query = typeof expression === 'string' ? { text: expression } : { expression };
    const { value } = await this.#engine.queryInstant({ ...query, timeMs, queryable: this.#storage });
    return resultSamples(value);
  }

  compared(samples: readonly ResultSample[]): ComparedSample[] {
    return samples.map(({ labels, value, histogram }) =>
      histogram instanceof FloatHistogram
        ? { labels, value: 0, histogram: formatHistogram(histogram) }
        : { labels, value, histogram: '' },
    );
  }

  /** @throws Error where the expectation cannot be read */
  expected({ labels, value, histogram }: ExpressionExpectation['expected'][number]): ComparedSample {
    const parsed = labels === '' ? Labels.EMPTY : parseSeriesDescription(labels).labels;
    if (histogram === '') return { labels: parsed, value, histogram: '' };
    const [first, ...others] = parseSeriesDescription(`{} ${histogram}`).values;
    if (first?.kind !== 'histogram' || others.length > 0)
      throw new Error(`labels ${JSON.stringify(labels)}: expected one histogram`);
    return { labels: parsed, value, histogram: formatHistogram(first.histogram) };
  }
}
