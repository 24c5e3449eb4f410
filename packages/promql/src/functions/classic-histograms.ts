import { withMetricName } from '../evaluate/annotations.ts';
import { type Column, FLOAT, histogramAt } from '../evaluate/column.ts';
import type { Evaluator } from '../evaluate/evaluator.ts';
import type { Grid } from '../evaluate/grid.ts';
import type { ClassicBucket } from '../histogram/classic.ts';
import type { Labels } from '../labels.ts';
import type { Expression } from '../syntax/ast.ts';
import { parseGoFloat } from '../text/go-number.ts';
import { quoteGo } from '../text/go-quote.ts';

/** The bucket series of one classic histogram. */
export interface ClassicHistogram {
  /** Its labels without `le`, the name still on. */
  readonly labels: Labels;
  readonly buckets: readonly { readonly upperBound: number; readonly column: Column }[];
}

/** Finds the classic histograms in a vector, once for all steps, and where native ones stand beside them. */
export class ClassicHistograms {
  readonly groups: readonly ClassicHistogram[];
  readonly #byKey: ReadonlyMap<string, ClassicHistogram>;
  readonly #conflicts = new Map<ClassicHistogram, Uint8Array>();

  constructor(columns: readonly Column[], arg: Expression, grid: Grid, evaluator: Evaluator) {
    const { annotations, settings } = evaluator.context;
    const named = (labels: Labels) => (settings.delayedNameRemoval ? labels.name : '');
    const byKey = new Map<string, { labels: Labels; buckets: { upperBound: number; column: Column }[] }>();
    for (const column of columns) {
      if (!column.presence.includes(FLOAT)) continue;
      const text = column.labels.get('le');
      const upperBound = parseGoFloat(text);
      if (upperBound === undefined || Number.isNaN(upperBound)) {
        const what = `bucket label "le" is missing or has a malformed value of ${quoteGo(text)}`;
        annotations.warn(withMetricName(what, named(column.labels)), arg.position);
        continue;
      }
      const labels = column.labels.without('le');
      const group = byKey.get(labels.key) ?? { labels, buckets: [] };
      byKey.set(labels.key, group);
      group.buckets.push({ upperBound, column });
    }
    this.groups = [...byKey.values()];
    this.#byKey = byKey;
    for (const column of columns) {
      if (!column.histograms) continue;
      if (!this.#markConflicts(column, grid)) continue;
      const what = 'vector contains a mix of classic and native histograms';
      annotations.warn(withMetricName(what, named(column.labels)), arg.position);
    }
  }

  #markConflicts(column: Column, grid: Grid): boolean {
    const group = this.#byKey.get(column.labels.key);
    if (!group) return false;
    const conflicts = this.#conflicts.get(group) ?? new Uint8Array(grid.count);
    this.#conflicts.set(group, conflicts);
    for (let step = 0; step < grid.count; step++) {
      const classic = group.buckets.some((bucket) => bucket.column.presence[step] === FLOAT);
      if (classic && histogramAt(column, step)) conflicts[step] = 1;
    }
    return conflicts.includes(1);
  }

  /** Whether a native histogram and a classic one have the same labels at a step; then neither counts. */
  conflictsAt(column: Column, step: number): boolean {
    const group = this.#byKey.get(column.labels.key);
    return group !== undefined && this.#conflicts.get(group)?.[step] === 1;
  }

  /** The buckets of a classic histogram at a step. */
  bucketsAt(group: ClassicHistogram, step: number): ClassicBucket[] {
    if (this.#conflicts.get(group)?.[step] === 1) return [];
    const buckets: ClassicBucket[] = [];
    for (const { upperBound, column } of group.buckets) {
      if (column.presence[step] === FLOAT) buckets.push({ upperBound, count: column.values[step] ?? 0 });
    }
    return buckets;
  }
}
