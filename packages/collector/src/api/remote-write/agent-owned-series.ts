import type { HostRegistry } from '../../hosts/host-registry.ts';
import { NO_SERIES, type SeriesRef } from '../../telemetry/store.ts';

/** Which series agents write, learned from their live frames. */
export interface AgentOwnedSeries extends Disposable {
  has(ref: SeriesRef): boolean;
}

/**
 * Listens to frames: every list of refs is told, if not every frame. The refs of one dictionary version come as one array
 * each time, so each array is looked at once.
 */
export function agentOwnedSeries(hosts: Pick<HostRegistry, 'onFrame'>): AgentOwnedSeries {
  const owned = new Set<SeriesRef>();
  const seen = new WeakSet<Uint32Array>();
  const stop = hosts.onFrame(({ refs }) => {
    if (seen.has(refs)) return;
    seen.add(refs);
    for (const ref of refs) if (ref !== NO_SERIES) owned.add(ref);
  });
  return { has: (ref) => owned.has(ref), [Symbol.dispose]: stop };
}
