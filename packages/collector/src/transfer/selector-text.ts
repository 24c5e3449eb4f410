import type { Matcher } from '@plimsoll/promql';

/** A selector in PromQL's notation. */
export function selectorText(matchers: readonly Matcher[]): string {
  return `{${matchers.map(({ name, type, value }) => `${name}${type}${JSON.stringify(value)}`).join(',')}}`;
}
