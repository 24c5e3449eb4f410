import type { Actor } from '../json/common.ts';

/** What a decision yields: the journal adds the rest of the envelope. */
export interface NewEvent {
  readonly type: string;
  /** Version of the payload's shape. */
  readonly schemaVersion: number;
  /** When it happened, milliseconds since the Unix epoch; may lie before it was recorded. */
  readonly occurredAtMs: number;
  /** Plain JSON data. */
  readonly payload: object;
}

/** What one operation's events have in common. */
export interface EventContext {
  /** A person is named by an opaque id, never by a name: names live in an erasable table. */
  readonly actor: Actor;
  /** Event id of what led to this one. */
  readonly causeId: string | null;
  /** Shared by all events of one operation. */
  readonly correlationId: string;
  /** Of the clock `occurredAtMs` was read from, against the collector's; null when it is the collector's or unknown. */
  readonly clockOffsetMs: number | null;
  readonly ruleHash: string | null;
  readonly catalogueHash: string | null;
  readonly matrixHash: string | null;
}

/** An event with all of its envelope but what its place in the chain gives it. */
export interface JournalEntry extends NewEvent, EventContext {
  /** UUIDv7. */
  readonly id: string;
  /** `kind/id`, such as incident/0190... or host/db-1. */
  readonly aggregate: string;
  /** 1, 2, 3, ... without gaps within the aggregate. */
  readonly version: number;
  readonly recordedAtMs: number;
  /** At most one event carries a given key. */
  readonly idempotencyKey: string | null;
}

/** The whole of a durable event. Hashes are hexadecimal. */
export interface JournalEvent extends Omit<JournalEntry, 'payload'> {
  /** 1, 2, 3, ... without gaps over the whole journal. */
  readonly position: number;
  readonly tzdataVersion: string;
  /** Null once it was redacted; its hash stays. */
  readonly payload: object | null;
  readonly payloadHash: string;
  readonly hash: string;
}
