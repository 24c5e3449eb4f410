import { type Labels, type Matcher, METRIC_NAME } from '@plimsoll/promql';

/** Alternatives in one regular expression: a store looks each up, a server takes them in one request. */
const MAX_ALTERNATIVES = 2_000;

/**
 * Matchers that all these series meet and few others: by their names and by the label that tells most of them apart.
 * Who reads with them leaves out the others.
 */
export function coveringSelector(series: readonly Labels[]): readonly Matcher[] {
  const byLabel = new Map<string, { readonly values: Set<string>; count: number }>();
  for (const labels of series) {
    for (const [name, value] of labels.entries()) {
      const known = byLabel.get(name);
      if (known === undefined) byLabel.set(name, { values: new Set([value]), count: 1 });
      else {
        known.values.add(value);
        known.count++;
      }
    }
  }
  const common = [...byLabel].filter(
    ([, { values, count }]) => count === series.length && values.size <= MAX_ALTERNATIVES,
  );
  const name = common.find(([label]) => label === METRIC_NAME);
  const telling = common
    .filter(([label, { values }]) => label !== METRIC_NAME && (values.size > 1 || name === undefined))
    .sort(([, a], [, b]) => b.values.size - a.values.size)[0];
  const single = common.filter(([label, { values }]) => label !== METRIC_NAME && values.size === 1);
  return [name, telling, ...single]
    .filter((entry) => entry !== undefined)
    .filter((entry, i, all) => all.indexOf(entry) === i)
    .map(([label, { values }]) => matcherOf(label, [...values]));
}

function matcherOf(name: string, values: readonly string[]): Matcher {
  const [only = ''] = values;
  if (values.length === 1) return { name, type: '=', value: only };
  return { name, type: '=~', value: values.map(escapeRegExp).join('|') };
}

/** In RE2's syntax. */
function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`);
}
