import type { Matcher } from '@plimsoll/promql';
import type { Catalogue, Service } from './catalogue.ts';

/**
 * The services a resource with these labels belongs to, in the catalogue's order; when none matches, the service
 * without selectors. Never empty as long as the catalogue has such a service.
 */
export function ownersOf(catalogue: Catalogue, labels: Readonly<Record<string, string>>): readonly Service[] {
  const owners = catalogue.services.filter((service) =>
    service.selectors.some(({ matchers }) => matchers.every((matcher) => matches(matcher, labels))),
  );
  return owners.length > 0 ? owners : catalogue.services.filter((service) => service.selectors.length === 0);
}

function matches(matcher: Matcher, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[matcher.name] ?? '';
  const equal = matcher.type === '=' || matcher.type === '!=';
  const positive = matcher.type === '=' || matcher.type === '=~';
  const hit = equal ? value === matcher.value : anchored(matcher.value).test(value);
  return hit === positive;
}

const patterns = new Map<string, RegExp>();
/** More patterns than any catalogue has; beyond it the cache starts afresh. */
const MAX_PATTERNS = 10_000;

/** Prometheus anchors its regular expressions at both ends, and lets the dot match a line's end. */
function anchored(pattern: string): RegExp {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    if (patterns.size >= MAX_PATTERNS) patterns.clear();
    compiled = new RegExp(`^(?:${pattern})$`, 'su');
    patterns.set(pattern, compiled);
  }
  return compiled;
}
