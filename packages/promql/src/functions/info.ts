import { executionError } from '../errors.ts';
import { describeLabels } from '../evaluate/binary-labels.ts';
import {
  ABSENT,
  type Column,
  copyStep,
  isMetadata,
  mergeSameLabels,
  type MutableColumn,
  newColumn,
} from '../evaluate/column.ts';
import type { Evaluator } from '../evaluate/evaluator.ts';
import type { Grid } from '../evaluate/grid.ts';
import { PickFinder } from '../evaluate/instant-selector.ts';
import type { Labels } from '../labels.ts';
import { matcherPredicate } from '../matcher.ts';
import type { Matcher, SeriesColumns } from '../queryable.ts';
import { isStaleMarker } from '../stale-marker.ts';
import type { Call } from '../syntax/ast.ts';
import { infoMatchers, infoSelection } from './info-selection.ts';
import { argument } from './instant-function.ts';

/** One info series and when its sample at each step was taken, NaN for none. */
interface InfoSeries {
  readonly labels: Labels;
  readonly takenAt: Float64Array;
}

/** Evaluates `info`, which adds the labels of info metrics to the series of the same instance and job. */
export function evaluateInfo(node: Call, grid: Grid, evaluator: Evaluator): readonly Column[] {
  const base = evaluator.vector(argument(node, 0), grid);
  const { names, data } = infoMatchers(node);
  const isInfoName = names.map(matcherPredicate);
  const bySignature = readInfoSeries(node, grid, evaluator);
  const out: Column[] = [];
  for (const column of base) {
    // An info metric is not told about itself.
    if (isInfoName.every((matches) => matches(column.labels.name))) out.push(column);
    else out.push(...enrich(column, bySignature.get(signatureOf(column.labels)) ?? [], data, grid));
  }
  return mergeSameLabels(out);
}

function signatureOf(labels: Labels): string {
  return `${labels.get('instance')}\0${labels.get('job')}`;
}

function readInfoSeries(node: Call, grid: Grid, { context }: Evaluator): Map<string, InfoSeries[]> {
  const selector = infoSelection(node);
  const finder = new PickFinder(selector, grid, context.settings.lookbackMs);
  const bySignature = new Map<string, InfoSeries[]>();
  for (const series of context.data.get(selector) ?? []) {
    const signature = signatureOf(series.labels);
    // Without instance and job nothing tells what the series is about.
    if (signature === '\0') continue;
    const known = bySignature.get(signature) ?? [];
    bySignature.set(signature, known);
    known.push({ labels: series.labels, takenAt: sampleTimes(series, finder, grid) });
  }
  return bySignature;
}

function sampleTimes(series: SeriesColumns, finder: PickFinder, grid: Grid): Float64Array {
  const { indexes: picks } = finder.find(series.timestamps);
  const times = new Float64Array(grid.count).fill(Number.NaN);
  for (let step = 0; step < grid.count; step++) {
    const index = picks[step] ?? -1;
    if (index < 0) continue;
    if (series.histograms?.[index]) {
      throw executionError(
        `this should be an info metric, with float samples: ${describeLabels(series.labels)}`,
      );
    }
    if (!isStaleMarker(series.values, index)) times[step] = series.timestamps[index] ?? Number.NaN;
  }
  return times;
}

/** One series with the labels it gets; it is split where these change over time. */
function enrich(
  column: Column,
  infos: readonly InfoSeries[],
  data: readonly Matcher[],
  grid: Grid,
): Column[] {
  const byLabels = new Map<string, MutableColumn>();
  for (let step = 0; step < grid.count; step++) {
    if (column.presence[step] === ABSENT) continue;
    const newest = newestByName(infos, step);
    if (newest.length === 0 && data.some((matcher) => !matcherPredicate(matcher)(''))) continue;
    const key = newest.map(({ labels }) => labels.key).join('\n');
    let out = byLabels.get(key);
    if (!out) {
      out = newColumn(addLabels(column.labels, newest, data), grid.count, column.dropName);
      byLabels.set(key, out);
    }
    copyStep(column, out, step);
  }
  return [...byLabels.values()];
}

/** Of each info metric the series with the newest sample at a step. */
function newestByName(infos: readonly InfoSeries[], step: number): InfoSeries[] {
  const byName = new Map<string, InfoSeries>();
  for (const info of infos) {
    const takenAt = info.takenAt[step] ?? Number.NaN;
    if (Number.isNaN(takenAt)) continue;
    const other = byName.get(info.labels.name);
    const otherAt = other?.takenAt[step] ?? -Infinity;
    if (other && takenAt === otherAt) {
      const [existing, added] = [other.labels, info.labels].map(describeLabels);
      throw executionError(
        `found duplicate series for info metric: existing ${existing} @ ${otherAt}, new ${added} @ ${takenAt}`,
      );
    }
    if (takenAt > otherAt) byName.set(info.labels.name, info);
  }
  return [...byName.values()];
}

function addLabels(labels: Labels, infos: readonly InfoSeries[], data: readonly Matcher[]): Labels {
  const wanted = new Set(data.map(({ name }) => name));
  const added = new Map<string, string>();
  for (const info of infos) {
    for (const [name, value] of info.labels.entries()) {
      if (isMetadata(name) || (wanted.size > 0 && !wanted.has(name))) continue;
      const other = added.get(name);
      if (other !== undefined && other !== value) throw executionError(`conflicting label: ${name}`);
      if (!labels.has(name)) added.set(name, value);
    }
  }
  return labels.with(Object.fromEntries(added));
}
