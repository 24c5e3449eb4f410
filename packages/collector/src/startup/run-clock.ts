import { LOG_REPEAT_MS } from '../limits.ts';
import { limitRepeats } from '../log-limit.ts';
import { Gauge } from 'prom-client';
import type { EventHub } from '../api/event-hub.ts';
import type { Desk } from '../desk/desk.ts';
import type { WritableHostRegistry } from '../hosts/open-host-registry.ts';
import type { Runtime } from '../runtime.ts';
import type { StateStore } from './open-store.ts';

const SECOND_MS = 1000;
const RETENTION_EVERY_MS = 60_000;
const STATUS_EVERY_MS = 10_000;

/** Everything that happens because time passes: silent hosts, SLA clocks, retention. */
export function runClock(parts: {
  runtime: Runtime;
  hosts: Pick<WritableHostRegistry, 'tick'>;
  desk: Pick<Desk, 'tick'>;
  store: Pick<StateStore, 'enforceRetention' | 'ageNow'>;
  events: Pick<EventHub, 'publish'>;
}): Disposable {
  const { runtime, hosts, desk, store, events } = parts;
  const warn = limitRepeats(runtime, LOG_REPEAT_MS);
  const lateness = registerLateness(runtime);
  let retainedAtMs = -Infinity;
  let statusAtMs = -Infinity;
  const timer = setInterval(() => {
    lateness();
    const nowMs = runtime.now();
    // What is due every so often stays so when the wall clock is put back.
    const atMs = performance.now();
    hosts.tick(nowMs);
    desk
      .tick(nowMs)
      .catch((error: unknown) => warn('desk', { err: error }, 'the clocks of incidents could not be kept'));
    if (atMs - retainedAtMs >= RETENTION_EVERY_MS) {
      retainedAtMs = atMs;
      store
        .enforceRetention(store.ageNow())
        .catch((error: unknown) => warn('retention', { err: error }, 'old telemetry could not be dropped'));
    }
    if (atMs - statusAtMs >= STATUS_EVERY_MS) {
      statusAtMs = atMs;
      events.publish('status', 'self');
    }
  }, SECOND_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** How late this clock's own timer runs tells how long the event loop was held; a finer timer would cost more than it tells. */
function registerLateness(runtime: Runtime): () => void {
  let worstMs = 0;
  let dueMs = performance.now() + SECOND_MS;
  const gauge = new Gauge({
    name: 'plimsoll_event_loop_lateness_seconds',
    help: 'The latest that a timer of one second ran since the last scrape.',
    registers: [],
    collect() {
      this.set(worstMs / 1000);
      worstMs = 0;
    },
  });
  runtime.metrics.registerMetric(gauge);
  return () => {
    const nowMs = performance.now();
    worstMs = Math.max(worstMs, nowMs - dueMs);
    dueMs = nowMs + SECOND_MS;
  };
}
