import type { SQLOutputValue } from 'node:sqlite';
import type { Actor } from '../json/common.ts';
import type { JournalEvent } from './event.ts';

export type Row = Record<string, SQLOutputValue>;

/** The columns in the order `toRow` gives their values. */
export const COLUMNS = [
  'position',
  'id',
  'aggregate',
  'version',
  'type',
  'schema_version',
  'occurred_at_ms',
  'recorded_at_ms',
  'clock_offset_ms',
  'actor_kind',
  'actor_id',
  'cause_id',
  'correlation_id',
  'idempotency_key',
  'rule_hash',
  'catalogue_hash',
  'matrix_hash',
  'tzdata_version',
  'payload',
  'payload_hash',
  'hash',
] as const;

export function toRow(event: JournalEvent, payloadText: string): (string | number | null)[] {
  return [
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
    payloadText,
    event.payloadHash,
    event.hash,
  ];
}

/** The payload stays text: verification hashes it as it is stored. */
export function fromRow(row: Row): { event: Omit<JournalEvent, 'payload'>; payloadText: string | null } {
  const event = {
    position: Number(row['position']),
    id: String(row['id']),
    aggregate: String(row['aggregate']),
    version: Number(row['version']),
    type: String(row['type']),
    schemaVersion: Number(row['schema_version']),
    occurredAtMs: Number(row['occurred_at_ms']),
    recordedAtMs: Number(row['recorded_at_ms']),
    clockOffsetMs: row['clock_offset_ms'] === null ? null : Number(row['clock_offset_ms']),
    actor: { kind: String(row['actor_kind']) as Actor['kind'], id: String(row['actor_id']) },
    causeId: textOrNull(row['cause_id']),
    correlationId: String(row['correlation_id']),
    idempotencyKey: textOrNull(row['idempotency_key']),
    ruleHash: textOrNull(row['rule_hash']),
    catalogueHash: textOrNull(row['catalogue_hash']),
    matrixHash: textOrNull(row['matrix_hash']),
    tzdataVersion: String(row['tzdata_version']),
    payloadHash: String(row['payload_hash']),
    hash: String(row['hash']),
  };
  return { event, payloadText: textOrNull(row['payload']) };
}

export function toEvent(row: Row): JournalEvent {
  const { event, payloadText } = fromRow(row);
  return { ...event, payload: payloadText === null ? null : (JSON.parse(payloadText) as object) };
}

function textOrNull(value: SQLOutputValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
