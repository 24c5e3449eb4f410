import { sha256 } from '../journal/chain.ts';
import type { NewEvent } from '../journal/event.ts';
import type { OperationContext, Staging } from '../staging.ts';
import type { LifecycleEvent } from './lifecycle-event.ts';

/** Journals what happened to a stream, a host or an inventory, unless that is how it stands already. */
export function takeLifecycle(staging: Staging, event: LifecycleEvent, context: OperationContext): void {
  switch (event.type) {
    case 'stream.opened':
    case 'stream.closed': {
      const { type, atMs, clockOffsetMs: _, ...payload } = { clockOffsetMs: null, ...event };
      staging.recordEntity(`stream/${event.agentId}`, fact(type, atMs, payload), context);
      return;
    }
    case 'host.up':
    case 'host.down':
    case 'host.unknown': {
      const { type, atMs, ...payload } = event;
      const aggregate = `host/${event.instance}`;
      if (staging.entity(aggregate)?.type === type) return;
      staging.recordEntity(aggregate, fact(type, atMs, payload), context);
      return;
    }
    case 'host.reclassified':
      takeReclassification(staging, event, context);
      return;
    case 'collector.restored':
      takeOnce(staging, `restore/${event.incarnation}`, event, event.lostToMs, context);
      return;
    case 'stream.gap': {
      const { agentId, epoch, first, toMs } = event;
      takeOnce(staging, `gap/${agentId}/${epoch}/${first}`, event, toMs, context);
      return;
    }
    case 'inventory.snapshot': {
      const content = JSON.stringify(event.facts);
      const hash = sha256(content);
      const aggregate = `inventory/${event.agentId}`;
      if (hashOf(staging.entity(aggregate)?.payload) === hash) return;
      staging.snapshots.set(hash, content);
      const payload = { agentId: event.agentId, instance: event.instance, hash };
      staging.recordEntity(aggregate, fact(event.type, event.atMs, payload), context);
    }
  }
}

/** Journals a fact that has an aggregate of its own, since it says nothing of how anything stands now. */
function takeOnce(
  staging: Staging,
  aggregate: string,
  event: LifecycleEvent,
  atMs: number,
  context: OperationContext,
): void {
  if (staging.entity(aggregate) !== undefined) return;
  const { type, ...payload } = event;
  staging.recordEntity(aggregate, fact(type, atMs, payload), context);
}

/** Corrects the outages the proof touches: incidents that still may change. */
function takeReclassification(
  staging: Staging,
  event: Extract<LifecycleEvent, { type: 'host.reclassified' }>,
  context: OperationContext,
): void {
  const { type, instance, fromMs, toMs } = event;
  // Its own aggregate: it corrects the past and says nothing of the host's present state.
  const correction = fact(type, staging.nowMs, { instance, fromMs, toMs });
  staging.recordEntity(`correction/${instance}`, correction, context);
  const touched = [...staging.activeIncidents()].filter(({ resources }) =>
    resources.some(({ kind, name }) => kind === 'host' && name === instance),
  );
  for (const { id } of touched) staging.decideIncident(id, { type: 'reclassify', fromMs, toMs }, context);
}

function fact(type: string, occurredAtMs: number, payload: object): NewEvent {
  return { type, schemaVersion: 1, occurredAtMs, payload };
}

function hashOf(payload: object | undefined): unknown {
  return payload !== undefined && 'hash' in payload ? payload.hash : undefined;
}
