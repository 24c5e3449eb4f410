import { Labels, quoteGo } from '@plimsoll/promql';

/** A sample of a query's result, ready to be compared: a histogram in its test notation, else ''. */
export interface ComparedSample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram: string;
}

/** Unlike a label, an annotation may be empty. */
export interface ComparedAlert {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
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
  const [a, b] = [expected, got].map((alerts) => alerts.map(textOf).toSorted());
  return JSON.stringify(a) === JSON.stringify(b);
}

function textOf({ labels, annotations }: ComparedAlert): string {
  return `Labels:${formatPairs([...labels.entries()])}\nAnnotations:${formatPairs(Object.entries(annotations))}`;
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

/** Samples as promtool prints them: `{a="1"} 1E+00`. */
export function formatSamples(samples: readonly ComparedSample[]): string {
  if (samples.length === 0) return 'nil';
  return sortSamples(samples)
    .map(
      ({ labels, value, histogram }) =>
        `${formatPairs([...labels.entries()])} ${histogram || formatScientific(value)}`,
    )
    .join(', ');
}

/** Alerts as promtool prints them, a block each. */
export function formatAlerts(alerts: readonly ComparedAlert[]): string {
  if (alerts.length === 0) return '[]';
  const blocks = alerts
    .map(textOf)
    .toSorted()
    .map((text, i) => `${i}:\n${text.replaceAll(/^/gm, '  ')}`);
  const indented = blocks.join(',\n').replaceAll(/^/gm, '            ');
  return `[\n${indented}\n            ]`;
}

function formatPairs(pairs: readonly (readonly [name: string, value: string])[]): string {
  const sorted = pairs.toSorted(([x], [y]) => (x < y ? -1 : 1));
  return `{${sorted.map(([name, value]) => `${name}=${quoteGo(value)}`).join(', ')}}`;
}

function formatScientific(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return value
    .toExponential()
    .toUpperCase()
    .replace(/E([+-])(\d)$/, 'E$10$2');
}
