import { describe, expect, it } from 'vitest';
import { type Caller, type LiveStream, admitAgent } from './admit-agent.ts';
import type { AgentRecord } from './agent-table.ts';

const NOW = 1_000_000;
const caller: Caller = { agentId: 'a', keyHash: 'k', machineIdHash: 'm', instance: 'db-1', epoch: 5 };
const known: AgentRecord = {
  agentId: 'a',
  keyHash: 'k',
  machineIdHash: 'm',
  instance: 'db-1',
  labels: {},
  agentVersion: '1',
  collectIntervalMs: 1000,
  firstSeenMs: 0,
  lastSeenMs: 0,
  facts: null,
};
const live: LiveStream = { agentId: 'a', epoch: 4, lastMessageMs: NOW - 500, collectIntervalMs: 1000 };

describe('admitAgent', () => {
  it('admits an agent never seen and one seen before', () => {
    expect(admitAgent(caller, undefined, undefined, undefined, NOW)).toEqual({
      kind: 'admit',
      supersede: false,
    });
    expect(admitAgent(caller, known, undefined, undefined, NOW)).toEqual({ kind: 'admit', supersede: false });
  });

  it('refuses another key for a pinned id', () => {
    const answer = admitAgent({ ...caller, keyHash: 'other' }, known, undefined, undefined, NOW);
    expect(answer).toMatchObject({ kind: 'refuse', code: 'unauthenticated' });
  });

  it('refuses a pinned id on another machine', () => {
    const answer = admitAgent({ ...caller, machineIdHash: 'other' }, known, undefined, undefined, NOW);
    expect(answer).toMatchObject({ kind: 'refuse', code: 'already_exists' });
  });

  it('refuses a second live stream of one id, but lets the same process reconnect', () => {
    expect(admitAgent(caller, known, live, live, NOW)).toMatchObject({
      kind: 'refuse',
      code: 'already_exists',
    });
    expect(admitAgent({ ...caller, epoch: 4 }, known, live, live, NOW)).toEqual({
      kind: 'admit',
      supersede: true,
    });
  });

  it('lets a restarted agent replace a stream that has fallen silent', () => {
    const silent = { ...live, lastMessageMs: NOW - 3001 };
    expect(admitAgent(caller, known, silent, silent, NOW)).toEqual({ kind: 'admit', supersede: true });
  });

  it('refuses an instance name that another id streams, until that one is silent', () => {
    const other = { ...live, agentId: 'b' };
    expect(admitAgent(caller, undefined, undefined, other, NOW)).toMatchObject({
      kind: 'refuse',
      code: 'already_exists',
    });
    const silent = { ...other, lastMessageMs: NOW - 3001 };
    expect(admitAgent(caller, undefined, undefined, silent, NOW)).toMatchObject({ kind: 'admit' });
  });
});
