import { matcherPredicate } from '@plimsoll/promql';
import { DEFAULT_SERVICE_NAME } from './builtin.ts';
import type { Catalogue, Service } from './catalogue.ts';

/**
 * The services a resource with these labels belongs to, in the catalogue's order; where none matches, the built-in
 * service that owns what is left. An absent label equals an empty one.
 */
export function ownersOf(catalogue: Catalogue, labels: Readonly<Record<string, string>>): readonly Service[] {
  const owners = catalogue.services.filter(({ selectors }) =>
    selectors.some(({ matchers }) =>
      matchers.every((matcher) => matcherPredicate(matcher)(labels[matcher.name] ?? '')),
    ),
  );
  return owners.length > 0 ? owners : catalogue.services.filter(({ name }) => name === DEFAULT_SERVICE_NAME);
}
