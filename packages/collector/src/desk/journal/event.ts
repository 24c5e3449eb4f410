import type { Actor } from '../json/common.ts';

/** What a decision yields: the journal adds the rest of the envelope. */
export interface NewEvent {
  readonly type: string;
  /** Version of the payload's shape. */
  readonly schemaVersion: number;
  /** When it happened, milliseconds since the Unix epoch; may lie before it was recorded. */
  readonly occurredAtMs: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The whole envelope of a durable event. Times are milliseconds since the Unix epoch, hashes hexadecimal. */
export interface JournalEvent extends NewEvent {
  /** 1, 2, 3, ... without gaps over the whole journal. */
  readonly position: number;
  /** UUIDv7. */
  readonly id: string;
  /** `kind/id`, such as incident/0190... or host/db-1. */
  readonly aggregate: string;
  /** 1, 2, 3, ... without gaps within the aggregate. */
  readonly version: number;
  readonly recordedAtMs: number;
  /** Of the clock `occurredAtMs` was read from, against the collector's; null when it is the collector's or not known. */
  readonly clockOffsetMs: number | null;
  /** A person is named by an opaque id, never by a name: names live in an erasable table. */
  readonly actor: Actor;
  /** Event id of what led to this one. */
  readonly causeId: string | null;
  /** Shared by all events of one operation. */
  readonly correlationId: string;
  readonly idempotencyKey: string | null;
  readonly ruleHash: string | null;
  readonly catalogueHash: string | null;
  readonly matrixHash: string | null;
  readonly tzdataVersion: string;
  readonly hash: string;
}
