import type { SeriesColumns } from '../queryable.ts';
import { isStaleMarker, mayHoldNaN } from '../stale-marker.ts';
import type { VectorSelector } from '../syntax/ast.ts';
import { type Column, ColumnFactory, FLOAT, setHistogram } from './column.ts';
import type { EvaluationContext } from './context.ts';
import type { Grid } from './grid.ts';
import { referenceTime } from './selector-time.ts';
import { firstAfter } from './windows.ts';

/** Series between two looks at whether the query is still wanted. */
const SERIES_BETWEEN_CHECKS = 256;

/** Which samples of a series an instant selector sees. */
export interface Picks {
  /** By step, the sample's index; -1 for none. */
  readonly indexes: Int32Array;
  /** By step, FLOAT where there is one. */
  readonly presence: Uint8Array;
  /** Each step sees the sample of its own number, and there are no others. */
  readonly inStep: boolean;
}

/** Finds the newest sample within the lookback at each step; series with the same times share the answer. */
export class PickFinder {
  readonly #grid: Grid;
  readonly #firstMs: number;
  readonly #stepMs: number;
  readonly #lookbackMs: number;
  readonly #known = new Map<Float64Array, Picks>();

  constructor(selector: VectorSelector, grid: Grid, lookbackMs: number) {
    const reference = referenceTime(selector, grid);
    this.#grid = grid;
    this.#firstMs = reference.firstMs;
    this.#stepMs = reference.stepMs;
    this.#lookbackMs = lookbackMs;
  }

  find(times: Float64Array): Picks {
    let picks = this.#known.get(times);
    if (!picks) {
      picks = this.#search(times);
      this.#known.set(times, picks);
    }
    return picks;
  }

  #search(times: Float64Array): Picks {
    const { count } = this.#grid;
    const indexes = new Int32Array(count);
    const presence = new Uint8Array(count);
    let inStep = times.length === count;
    let next = firstAfter(times, this.#firstMs);
    for (let step = 0; step < count; step++) {
      const reference = this.#firstMs + step * this.#stepMs;
      while (next < times.length && (times[next] ?? 0) <= reference) next++;
      const fresh = next > 0 && (times[next - 1] ?? 0) > reference - this.#lookbackMs;
      indexes[step] = fresh ? next - 1 : -1;
      if (fresh) presence[step] = FLOAT;
      if (indexes[step] !== step) inStep = false;
    }
    return { indexes, presence, inStep };
  }
}

/** What an answer of the store gave at one time. */
interface Picked {
  readonly timeMs: number;
  readonly lookbackMs: number;
  readonly columns: readonly Column[];
}

/** The rules of a group ask for the same series at the same time: where they share the answer, they share its columns. */
const picked = new WeakMap<readonly SeriesColumns[], Picked>();

/** Evaluates an instant selector: each series' newest live sample at each step. */
export function evaluateSelector(
  selector: VectorSelector,
  grid: Grid,
  context: EvaluationContext,
): readonly Column[] {
  const found = context.data.get(selector) ?? [];
  if (grid.count !== 1) return pickColumns(selector, found, grid, context);
  const { lookbackMs } = context.settings;
  const { firstMs: timeMs } = referenceTime(selector, grid);
  const known = picked.get(found);
  if (known?.timeMs === timeMs && known.lookbackMs === lookbackMs) {
    context.samples.add(found.length);
    return known.columns;
  }
  const columns = pickColumns(selector, found, grid, context);
  picked.set(found, { timeMs, lookbackMs, columns });
  return columns;
}

function pickColumns(
  selector: VectorSelector,
  found: readonly SeriesColumns[],
  grid: Grid,
  context: EvaluationContext,
): readonly Column[] {
  const finder = new PickFinder(selector, grid, context.settings.lookbackMs);
  const columns: Column[] = [];
  // Columns of one step are kept: see `picked`.
  const factory = new ColumnFactory(grid.count, found.length, grid.count === 1 ? null : context.memory);
  let index = 0;
  for (const series of found) {
    if (index++ % SERIES_BETWEEN_CHECKS === 0) context.checkRunning();
    context.samples.add(grid.count);
    const { labels, timestamps, values, histograms } = series;
    const picks = finder.find(timestamps);
    if (histograms || mayHoldNaN(values)) {
      const column = gather(series, picks.indexes, factory);
      if (column) columns.push(column);
      continue;
    }
    const { presence } = picks;
    if (!presence.includes(FLOAT)) continue;
    // Where the store has read just what is seen, its values are the column's.
    const seen = picks.inStep ? values : pickFloats(values, picks.indexes, factory);
    columns.push({ labels, values: seen, presence, dropName: false });
  }
  return columns;
}

function pickFloats(values: Float64Array, picks: Int32Array, factory: ColumnFactory): Float64Array {
  const seen = factory.makeValues();
  for (let step = 0; step < picks.length; step++) {
    const index = picks[step] ?? -1;
    if (index >= 0) seen[step] = values[index] ?? 0;
  }
  return seen;
}

function gather(series: SeriesColumns, picks: Int32Array, factory: ColumnFactory): Column | undefined {
  const { values, histograms } = series;
  const column = factory.make(series.labels);
  const count = picks.length;
  let any = false;
  for (let step = 0; step < count; step++) {
    const index = picks[step] ?? -1;
    if (index < 0) continue;
    const histogram = histograms?.[index];
    if (histogram) {
      setHistogram(column, step, histogram);
      any = true;
      continue;
    }
    const value = values[index] ?? 0;
    // Only a NaN can be a stale marker.
    if (value !== value && isStaleMarker(values, index)) continue;
    column.values[step] = value;
    column.presence[step] = FLOAT;
    any = true;
  }
  return any ? column : undefined;
}
