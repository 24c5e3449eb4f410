import { Labels } from '@plimsoll/promql';

/** A sample of a query's result, ready to be compared: a histogram in its test notation, else ''. */
export interface ComparedSample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram: string;
}

export interface ComparedAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** Whether two results are the same but for their order. */
export function sameSamples(
  expected: readonly ComparedSample[],
  got: readonly ComparedSample[],
  fuzzy: boolean,
): boolean {
  const [a, b] = [sortSamples(expected), sortSamples(got)];
  return (
    a.length === b.length &&
    a.every((sample, i) => {
      const other = b[i];
      return (
        other !== undefined &&
        sample.labels.key === other.labels.key &&
        sample.histogram === other.histogram &&
        sameNumber(sample.value, other.value, fuzzy)
      );
    })
  );
}

export function sameAlerts(expected: readonly ComparedAlert[], got: readonly ComparedAlert[]): boolean {
  const [a, b] = [sortAlerts(expected), sortAlerts(got)];
  return (
    a.length === b.length &&
    a.every(
      (alert, i) => alert.labels.key === b[i]?.labels.key && alert.annotations.key === b[i]?.annotations.key,
    )
  );
}

/** NaN is never what was expected, as in promtool; fuzzy lets the last bit differ. */
function sameNumber(a: number, b: number, fuzzy: boolean): boolean {
  return a === b || (fuzzy && areNeighbours(a, b));
}

function areNeighbours(a: number, b: number): boolean {
  const distance = orderOf(a) - orderOf(b);
  return distance === 1n || distance === -1n;
}

/** The place of a number among all doubles: neighbours differ by one. */
function orderOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}

function sortSamples(samples: readonly ComparedSample[]): readonly ComparedSample[] {
  return samples.toSorted((a, b) => Labels.compare(a.labels, b.labels));
}

function sortAlerts(alerts: readonly ComparedAlert[]): readonly ComparedAlert[] {
  return alerts.toSorted(
    (a, b) => Labels.compare(a.labels, b.labels) || Labels.compare(a.annotations, b.annotations),
  );
}

/** Samples as promtool prints them: `{a="1"} 1E+00`. */
export function formatSamples(samples: readonly ComparedSample[]): string {
  if (samples.length === 0) return 'nil';
  return sortSamples(samples)
    .map(({ labels, value, histogram }) => `${formatLabels(labels)} ${histogram || formatScientific(value)}`)
    .join(', ');
}

/** Alerts as promtool prints them, a block each. */
export function formatAlerts(alerts: readonly ComparedAlert[]): string {
  if (alerts.length === 0) return '[]';
  const blocks = sortAlerts(alerts).map(({ labels, annotations }, i) => {
    const lines = [`Labels:${formatLabels(labels)}`, `Annotations:${formatLabels(annotations)}`];
    return [`${i}:`, ...lines.map((line) => `  ${line}`)].join('\n');
  });
  const indented = blocks.join(',\n').replaceAll(/^/gm, '            ');
  return `[\n${indented}\n            ]`;
}

function formatLabels(labels: Labels): string {
  return `{${[...labels.entries()].map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}

function formatScientific(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return value
    .toExponential()
    .toUpperCase()
    .replace(/E([+-])(\d)$/, 'E$10$2');
}
