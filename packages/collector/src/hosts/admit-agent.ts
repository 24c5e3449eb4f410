import { MISSED_INTERVALS_UNTIL_SILENT } from '../limits.ts';
import type { AgentRecord } from './agent-table.ts';

/** What Hello says about who is calling. */
export interface Caller {
  readonly agentId: string;
  readonly keyHash: string;
  readonly machineIdHash: string;
  readonly instance: string;
  readonly epoch: number;
}

/** A stream that is open now. */
export interface LiveStream {
  readonly agentId: string;
  readonly epoch: number;
  /** Arrival of its newest message, by the collector's clock. */
  readonly lastMessageMs: number;
  readonly collectIntervalMs: number;
}

export type Admission =
  /** `supersede`: an older stream of this agent is dead or about to be and must be closed. */
  | { readonly kind: 'admit'; readonly supersede: boolean }
  | { readonly kind: 'refuse'; readonly code: 'unauthenticated' | 'already_exists'; readonly reason: string };

/**
 * Decides whether an agent may stream. The id is pinned to key and machine on first use. A second live stream with the
 * same id is a clone, unless it has the same epoch (the same process reconnecting over a dead connection) or the old
 * stream has fallen silent. Another id may take an instance name over only once its owner has fallen silent.
 */
export function admitAgent(
  caller: Caller,
  known: AgentRecord | undefined,
  liveOfAgent: LiveStream | undefined,
  liveOfInstance: LiveStream | undefined,
  nowMs: number,
): Admission {
  if (known !== undefined && known.keyHash !== caller.keyHash) {
    return refuse(
      'unauthenticated',
      `the key is not the one pinned for agent ${caller.agentId}: its identity was copied or its spool reset`,
    );
  }
  if (known !== undefined && known.machineIdHash !== caller.machineIdHash) {
    return refuse(
      'already_exists',
      `agent id ${caller.agentId} belongs to another machine: a cloned identity; delete agent.json in the clone's spool`,
    );
  }
  if (
    liveOfInstance !== undefined &&
    liveOfInstance.agentId !== caller.agentId &&
    isAlive(liveOfInstance, nowMs)
  ) {
    return refuse(
      'already_exists',
      `instance "${caller.instance}" is streamed by agent ${liveOfInstance.agentId} already; give one of the two another --instance`,
    );
  }
  if (liveOfAgent === undefined) return { kind: 'admit', supersede: false };
  if (liveOfAgent.epoch === caller.epoch || !isAlive(liveOfAgent, nowMs))
    return { kind: 'admit', supersede: true };
  return refuse(
    'already_exists',
    `agent ${caller.agentId} has a live stream already: its identity was cloned, or two agents share one spool`,
  );
}

function refuse(code: 'unauthenticated' | 'already_exists', reason: string): Admission {
  return { kind: 'refuse', code, reason };
}

function isAlive(stream: LiveStream, nowMs: number): boolean {
  return nowMs - stream.lastMessageMs <= MISSED_INTERVALS_UNTIL_SILENT * stream.collectIntervalMs;
}
