import type { LifecycleEvent } from '../desk/lifecycle/lifecycle-event.ts';
import type { HostRegistry } from '../hosts/host-registry.ts';
import type { Runtime } from '../runtime.ts';
import type { SequenceRange, TelemetryStore } from '../telemetry/store.ts';
import { lostRanges } from './lost-ranges.ts';
import { readRestoreMark, removeRestoreMark, type RestoreMark, writeRestoreMark } from './restore-mark.ts';

export interface RestoreParts {
  readonly runtime: Runtime;
  readonly storagePath: string;
  readonly store: Pick<TelemetryStore, 'receivedRanges'>;
  readonly hosts: Pick<HostRegistry, 'hosts' | 'onFrame'>;
  readonly record: (event: LifecycleEvent) => Promise<void>;
}

type Agent = NonNullable<RestoreMark['agents']>[number];

/** How often agents are looked at, milliseconds. */
const LOOK_MS = 2000;
/** What an agent still had has arrived when its ranges have had no other hole for this long, milliseconds. */
const QUIET_MS = 10_000;
/** Agents that have not come back by then are given up: their gap is the restored collector's own. */
const GIVE_UP_MS = 7 * 24 * 3_600_000;

/**
 * After a restore, journals that the time from the cut on was lost, and for each agent which of its frames are gone for
 * good: those that were acknowledged after the cut. Frames that spools still have arrive by themselves, since the
 * restored ranges do not name them. Does nothing on a storage path that was not restored.
 */
export async function recordRestore(parts: RestoreParts): Promise<Disposable> {
  const { storagePath, runtime, record } = parts;
  const mark = readRestoreMark(storagePath);
  if (mark === undefined) return { [Symbol.dispose]: () => undefined };
  const { backup, cutAtMs, restoredAtMs, previousIncarnation, incarnation, droppedMessages } = mark;
  await record({
    type: 'collector.restored',
    backup,
    previousIncarnation,
    incarnation,
    lostFromMs: cutAtMs,
    lostToMs: runtime.now(),
    restoredAtMs,
    droppedMessages,
  });
  const agents = mark.agents ?? agentsAtCut(parts);
  writeRestoreMark(storagePath, { ...mark, agents });
  runtime.log.warn(
    { cutAt: new Date(cutAtMs).toISOString(), agents: agents.length },
    'restored from a backup: what was acknowledged after it and is in no spool is lost',
  );
  return new LossWatch(parts, mark, agents);
}

/** Before any agent has connected, the ranges are those of the cut. */
function agentsAtCut({ hosts, store }: RestoreParts): Agent[] {
  return hosts.hosts().flatMap(({ agentId, instance }) => {
    const newest = store.receivedRanges(agentId).at(-1);
    return newest === undefined ? [] : [{ agentId, instance, epoch: newest.epoch, last: newest.last }];
  });
}

interface Watched {
  readonly agent: Agent;
  /** The time of its first live frame, as soon as one arrived. */
  heardAtMs: number | null;
  holes: string;
  sinceMs: number;
}

class LossWatch implements Disposable {
  readonly #parts: RestoreParts;
  readonly #mark: RestoreMark;
  readonly #watched: Map<string, Watched>;
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;

  constructor(parts: RestoreParts, mark: RestoreMark, agents: readonly Agent[]) {
    this.#parts = parts;
    this.#mark = mark;
    this.#watched = new Map(
      agents.map((agent) => [agent.agentId, { agent, heardAtMs: null, holes: '', sinceMs: 0 }]),
    );
    this.#stopListening = parts.hosts.onFrame(({ agentId, timestampMs, firstMs = timestampMs }) => {
      const watched = this.#watched.get(agentId);
      if (watched !== undefined) watched.heardAtMs ??= firstMs;
    });
    this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#stopListening();
  }

  async #look(): Promise<void> {
    const { runtime, storagePath, store } = this.#parts;
    const nowMs = runtime.now();
    const before = this.#watched.size;
    try {
      for (const watched of this.#watched.values()) {
        const { agentId, epoch, last } = watched.agent;
        if (watched.heardAtMs === null) continue;
        const lost = lostRanges(store.receivedRanges(agentId), epoch, last);
        const holes = JSON.stringify(lost);
        if (holes !== watched.holes) watched.sinceMs = nowMs;
        watched.holes = holes;
        if (nowMs - watched.sinceMs < QUIET_MS) continue;
        await this.#journal(watched.agent, watched.heardAtMs, lost);
        this.#watched.delete(agentId);
      }
      const gaveUp = nowMs - this.#mark.restoredAtMs > GIVE_UP_MS;
      if (this.#watched.size === 0 || gaveUp) {
        removeRestoreMark(storagePath);
        this[Symbol.dispose]();
      } else if (this.#watched.size < before) {
        const agents = [...this.#watched.values()].map(({ agent }) => agent);
        writeRestoreMark(storagePath, { ...this.#mark, agents });
      }
    } catch (error) {
      runtime.log.error({ err: error }, 'what a restore lost could not be journalled');
    }
  }

  async #journal(agent: Agent, heardAtMs: number, lost: readonly SequenceRange[]): Promise<void> {
    const { agentId, instance } = agent;
    for (const { epoch, first, last } of lost) {
      await this.#parts.record({
        type: 'stream.gap',
        agentId,
        instance,
        epoch,
        first,
        last,
        fromMs: this.#mark.cutAtMs,
        toMs: heardAtMs,
      });
    }
  }
}
