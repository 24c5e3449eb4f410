import { nearestName } from '@plimsoll/rules';
import type { Service } from './catalogue.ts';
import type { Draft } from './load-catalogue.ts';
import { suggest } from './schema-errors.ts';
import type { Path, SourceDocument } from './source-document.ts';

/**
 * Adds an error for each name that leads nowhere and each service that depends on itself in the end. A dependency may
 * be outside the catalogue (a supplier, a storage network); one that is nearly a service's name is taken for a slip.
 */
export function checkReferences(draft: Draft): void {
  for (const { service, document } of draft.services.values()) {
    for (const { path, kind, name, known } of referencesOf(service, draft)) {
      if (known.has(name)) continue;
      if (kind === 'service' && nearestName(name, [...known.keys()]) === undefined) continue;
      const message = `${path.join('.')}: there is no ${kind} "${name}"; ${suggest(name, [...known.keys()])}`;
      draft.errors.push(document.at(path, message));
    }
    checkCycle(service, document, draft);
  }
}

interface Reference {
  readonly path: readonly (string | number)[];
  readonly kind: string;
  readonly name: string;
  readonly known: ReadonlyMap<string, unknown>;
}

function referencesOf(service: Service, draft: Draft): readonly Reference[] {
  const references: Reference[] = service.dependsOn.map((name, index) => ({
    path: ['spec', 'dependsOn', index],
    kind: 'service',
    name,
    known: draft.services,
  }));
  for (const name of new Set(Object.values(service.sla?.calendars ?? {}))) {
    references.push({ path: ['spec', 'sla', 'calendar'], kind: 'calendar', name, known: draft.calendars });
  }
  if (service.escalation !== null) {
    const path = ['spec', 'escalation'];
    references.push({
      path,
      kind: 'escalation policy',
      name: service.escalation,
      known: draft.escalationPolicies,
    });
  }
  return references;
}

function checkCycle(service: Service, document: SourceDocument, draft: Draft): void {
  const seen = new Set<string>();
  const waiting = [...service.dependsOn];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === service.name) {
      const path: Path = ['spec', 'dependsOn'];
      draft.errors.push(document.at(path, `spec.dependsOn: ${service.name} depends on itself in the end`));
      return;
    }
    if (seen.has(name)) continue;
    seen.add(name);
    waiting.push(...(draft.services.get(name)?.service.dependsOn ?? []));
  }
}
