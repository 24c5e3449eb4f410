import type { Catalogue } from '../../catalogue/catalogue.ts';
import { sha256 } from '../journal/chain.ts';
import type { OperationContext, Staging } from '../staging.ts';

export interface CatalogueHashes {
  readonly catalogueHash: string;
  readonly matrixHash: string;
}

/** Hashes of what the catalogue says, whatever the files look like. */
export function hashCatalogue(catalogue: Catalogue): CatalogueHashes {
  return {
    catalogueHash: sha256(contentOf(catalogue)),
    matrixHash: sha256(JSON.stringify(catalogue.matrix)),
  };
}

/** Keeps the catalogue's content and journals that it is in force, unless it was already. */
export function recordCatalogue(staging: Staging, catalogue: Catalogue, context: OperationContext): void {
  const { catalogueHash, matrixHash } = hashCatalogue(catalogue);
  const before = staging.entity('catalogue/self')?.payload;
  if (before !== undefined && 'hash' in before && before.hash === catalogueHash) return;
  staging.snapshots.set(catalogueHash, contentOf(catalogue));
  staging.recordEntity(
    'catalogue/self',
    {
      type: 'catalogue.snapshot',
      schemaVersion: 1,
      occurredAtMs: staging.nowMs,
      payload: { hash: catalogueHash, matrixHash, services: catalogue.services.map(({ name }) => name) },
    },
    context,
  );
}

function contentOf(catalogue: Catalogue): string {
  const { services, calendars, matrix, escalationPolicies } = catalogue;
  return JSON.stringify({
    services,
    calendars: [...calendars.values()],
    matrix,
    escalationPolicies: [...escalationPolicies.values()],
  });
}
