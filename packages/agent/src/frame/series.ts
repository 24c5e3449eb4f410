import { MetricType } from '@plimsoll/proto';

/** What is said once of all series of one name. */
export interface Family {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
}

/** One series: label names and values alternating, sorted by name. An empty value equals an absent label. */
export interface Series {
  readonly family: Family;
  /** Where it is not the family's own: histograms and summaries have `_bucket`, `_sum`, `_count`. */
  readonly name?: string;
  readonly labels: readonly string[];
}

export function counter(name: string, help: string): Family {
  return { name, type: MetricType.COUNTER, help };
}

export function gauge(name: string, help: string): Family {
  return { name, type: MetricType.GAUGE, help };
}

export function seriesName(series: Series): string {
  return series.name ?? series.family.name;
}

export function untyped(name: string, help: string): Family {
  return { name, type: MetricType.UNSPECIFIED, help };
}

/** The series of several families that share one label set. */
export function seriesOf(
  families: readonly Family[],
  labels: Readonly<Record<string, string>> = {},
): Series[] {
  const sorted = sortedLabels(labels);
  return families.map((family) => ({ family, labels: sorted }));
}

/** Label names and values alternating, in the order of the names' code units. */
export function sortedLabels(labels: Readonly<Record<string, string>>): string[] {
  return Object.keys(labels)
    .sort()
    .flatMap((name) => [name, labels[name] ?? '']);
}
