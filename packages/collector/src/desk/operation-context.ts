import { newId } from './journal/journal.ts';
import type { Actor } from './json/common.ts';
import type { CatalogueHashes } from './lifecycle/record-catalogue.ts';
import type { OperationContext } from './staging.ts';

/** What the desk decides by itself. */
export const DESK: Actor = { kind: 'system', id: 'desk' };
/** What the collector observes; it rests on no catalogue. */
export const COLLECTOR: Actor = { kind: 'system', id: 'collector' };

/** The context of a new operation under the catalogue in force. */
export function operationContext(
  actor: Actor,
  hashes: CatalogueHashes,
  own: Partial<OperationContext> = {},
): OperationContext {
  const rests = actor === COLLECTOR ? { catalogueHash: null, matrixHash: null } : hashes;
  return {
    actor,
    causeId: null,
    correlationId: newId(),
    clockOffsetMs: null,
    ruleHash: null,
    idempotencyKey: null,
    catalogueHash: rests.catalogueHash,
    matrixHash: rests.matrixHash,
    ...own,
  };
}
