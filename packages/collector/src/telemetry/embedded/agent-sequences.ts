import type { SequenceRange } from '../store.ts';
import type { CommitGroup } from './log/group-commit.ts';
import { ReceivedRanges } from './received-ranges.ts';

interface Agent {
  /** Durable or under way. */
  readonly taken: ReceivedRanges;
  readonly durable: ReceivedRanges;
}

/** Which frames of each agent the store has, and which of those are durable: what makes delivery exactly once. */
export class AgentSequences {
  readonly #agents = new Map<string, Agent>();
  readonly #changed = new Set<string>();

  has(agentId: string, epoch: number, sequence: number): boolean {
    return this.#agents.get(agentId)?.taken.has(epoch, sequence) ?? false;
  }

  take(agentId: string, epoch: number, sequence: number): void {
    this.#agent(agentId).taken.add(epoch, sequence, sequence);
  }

  /** Adds what was found durable at the start. */
  recovered(agentId: string, ranges: readonly SequenceRange[]): void {
    const agent = this.#agent(agentId);
    for (const { epoch, first, last } of ranges) {
      agent.taken.add(epoch, first, last);
      agent.durable.add(epoch, first, last);
    }
    this.#changed.add(agentId);
  }

  committed(group: CommitGroup): void {
    for (const { agentId, epoch, first, last } of group.taken) {
      this.#agent(agentId).durable.add(epoch, first, last);
      this.#changed.add(agentId);
    }
  }

  failed(group: CommitGroup): void {
    for (const { agentId, epoch, first, last } of group.taken)
      this.#agent(agentId).taken.remove(epoch, first, last);
  }

  durableRanges(agentId: string): readonly SequenceRange[] {
    return this.#agents.get(agentId)?.durable.ranges() ?? [];
  }

  /** The agents whose durable ranges changed since the last call. */
  takeChanged(): string[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** Takes back a `takeChanged` whose result could not be written. */
  stillChanged(agentIds: readonly string[]): void {
    for (const agentId of agentIds) this.#changed.add(agentId);
  }

  #agent(agentId: string): Agent {
    let agent = this.#agents.get(agentId);
    if (agent === undefined) {
      agent = { taken: new ReceivedRanges(), durable: new ReceivedRanges() };
      this.#agents.set(agentId, agent);
    }
    return agent;
  }
}
