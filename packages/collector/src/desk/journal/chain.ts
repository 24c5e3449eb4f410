import { createHash } from 'node:crypto';
import type { JournalEvent } from './event.ts';

/** What the first event's hash is chained to. */
export const GENESIS_HASH = '0'.repeat(64);

/** SHA-256, hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * An event's hash: over the hash before it and every field of the envelope, the payload by its own hash, so that a
 * payload can be redacted and the chain still holds. The order of the fields is part of the format.
 */
export function chainHash(previousHash: string, event: Omit<JournalEvent, 'hash' | 'payload'>): string {
  return sha256(
    JSON.stringify([
      previousHash,
      event.position,
      event.id,
      event.aggregate,
      event.version,
      event.type,
      event.schemaVersion,
      event.occurredAtMs,
      event.recordedAtMs,
      event.clockOffsetMs,
      event.actor.kind,
      event.actor.id,
      event.causeId,
      event.correlationId,
      event.idempotencyKey,
      event.ruleHash,
      event.catalogueHash,
      event.matrixHash,
      event.tzdataVersion,
      event.payloadHash,
    ]),
  );
}
