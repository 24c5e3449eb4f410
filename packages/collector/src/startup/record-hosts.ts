import { createHash } from 'node:crypto';
import type { EventHub } from '../api/event-hub.ts';
import type { Desk } from '../desk/desk.ts';
import type { LifecycleEvent } from '../desk/lifecycle/lifecycle-event.ts';
import type { HostState } from '../hosts/host-registry.ts';
import type { WritableHostRegistry } from '../hosts/open-host-registry.ts';
import { limitRepeats } from '../log-limit.ts';
import { INVENTORY_SNAPSHOT_MS, LOG_REPEAT_MS } from '../limits.ts';
import type { Runtime } from '../runtime.ts';

/**
 * Journals what becomes of hosts (up, down, new inventories) and tells browsers of it. Availability is worked out from
 * these events later, so they are recorded from the first day.
 */
export function recordHosts(options: {
  runtime: Runtime;
  hosts: Pick<WritableHostRegistry, 'onChange' | 'onProven'>;
  desk: Pick<Desk, 'record'>;
  events: Pick<EventHub, 'publish'>;
}): () => void {
  const { runtime, hosts, desk, events } = options;
  const states = new Map<string, string>();
  const facts = new Map<string, { readonly hash: string; readonly atMs: number }>();
  const record = lifecycleRecorder(desk, runtime);
  const stopProven = hosts.onProven((instance, { fromMs, toMs }) =>
    record({ type: 'host.reclassified', instance, fromMs, toMs }),
  );
  const stopChange = hosts.onChange((host) => {
    events.publish('host', host.instance);
    if (host.state === 'refused') return;
    const event = stateEvent(host, states.get(host.agentId), runtime.now());
    if (event !== undefined) {
      states.set(host.agentId, host.state);
      record(event);
      const { instance, lastSeenMs } = host;
      runtime.log.info(
        { instance, lastSeenAt: lastSeenMs === null ? null : new Date(lastSeenMs).toISOString() },
        host.state === 'up' ? 'a host is heard' : 'a host is silent',
      );
    }
    const inventory = inventoryEvent(host, facts, runtime.now());
    if (inventory !== undefined) record(inventory);
  });
  return () => {
    stopProven();
    stopChange();
  };
}

/** A host is up once it was heard, and down from the last that was heard of it. */
function stateEvent(host: HostState, known: string | undefined, nowMs: number): LifecycleEvent | undefined {
  if (host.state === known || (host.state === 'up' && !host.heard)) return undefined;
  const { agentId, instance } = host;
  if (host.state === 'up') return { type: 'host.up', agentId, instance, atMs: host.lastSeenMs ?? nowMs };
  // A host not heard since this collector started may have been up all the time the collector was away.
  const type = host.heard ? 'host.down' : 'host.unknown';
  return { type, agentId, instance, atMs: host.heard ? (host.lastSeenMs ?? nowMs) : nowMs };
}

function inventoryEvent(
  host: HostState,
  known: Map<string, { readonly hash: string; readonly atMs: number }>,
  nowMs: number,
): LifecycleEvent | undefined {
  if (host.facts === null) return undefined;
  const hash = createHash('sha256').update(JSON.stringify(host.facts)).digest('hex');
  const last = known.get(host.agentId);
  if (last !== undefined && (last.hash === hash || nowMs - last.atMs < INVENTORY_SNAPSHOT_MS))
    return undefined;
  known.set(host.agentId, { hash, atMs: nowMs });
  return {
    type: 'inventory.snapshot',
    agentId: host.agentId,
    instance: host.instance,
    atMs: nowMs,
    facts: host.facts,
  };
}

/** Journals lifecycle events; one that cannot be is logged, at a limited rate, and nothing waits for it. */
export function lifecycleRecorder(
  desk: Pick<Desk, 'record'>,
  runtime: Runtime,
): (event: LifecycleEvent) => void {
  const warn = limitRepeats(runtime, LOG_REPEAT_MS);
  return (event) => {
    desk
      .record(event)
      .catch((error: unknown) => warn('record', { err: error }, 'a host event could not be journalled'));
  };
}
