import type { EntityState } from '../projections/entity.ts';
import type { OperationContext, Staging } from '../staging.ts';

const AGGREGATE = 'collector/self';

/** How often the journal says that the collector lives; the file beside it says it more often and is not kept. */
export const HEARTBEAT_MS = 15 * 60_000;

/**
 * Journals a start with what is known of the end before it. After a clean stop the collector's own gap runs from the
 * stop, else from the last sign of life; in it every service's state is unknown, up to this event.
 */
export function recordStart(staging: Staging, aliveMs: number | null, context: OperationContext): void {
  const before = staging.entity(AGGREGATE);
  const payload = {
    node: process.versions.node,
    previous: before === undefined ? null : endOf(before, aliveMs),
  };
  record(staging, 'collector.started', payload, context);
}

function endOf(before: EntityState, aliveMs: number | null): { clean: boolean; lastAliveMs: number } {
  const clean = before.type === 'collector.stopped';
  return { clean, lastAliveMs: clean ? before.atMs : Math.max(before.atMs, aliveMs ?? 0) };
}

export function recordHeartbeat(staging: Staging, context: OperationContext): void {
  record(staging, 'collector.heartbeat', {}, context);
}

export function recordStop(staging: Staging, context: OperationContext): void {
  record(staging, 'collector.stopped', {}, context);
}

function record(staging: Staging, type: string, payload: object, context: OperationContext): void {
  staging.recordEntity(AGGREGATE, { type, schemaVersion: 1, occurredAtMs: staging.nowMs, payload }, context);
}
