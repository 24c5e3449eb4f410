import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openIdentity } from './identity-file.ts';
import { createLog } from './log.ts';
import { lockDirectory } from './spool/lock-directory.ts';

const log = createLog('error', () => undefined);

describe("the agent's directory", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-identity-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('keeps id and key over restarts, each with a larger epoch even when the clock stood still', () => {
    const first = openIdentity(directory, 'machine', 1000, log);
    const second = openIdentity(directory, 'machine', 1000, log);
    const third = openIdentity(directory, 'machine', 500, log);
    expect(second.agentId).toBe(first.agentId);
    expect(Buffer.from(second.key)).toEqual(Buffer.from(first.key));
    expect([first.epoch, second.epoch, third.epoch]).toEqual([1_000_000, 1_000_001, 1_000_002]);
    expect(first.machineIdHash).toHaveLength(32);
    expect(second.minted).toBe(false);
  });

  it('mints a new id and key on another machine, and never stores the machine id', () => {
    const original = openIdentity(directory, 'machine-a', 1000, log);
    const clone = openIdentity(directory, 'machine-b', 2000, log);
    expect(clone.agentId).not.toBe(original.agentId);
    expect(Buffer.from(clone.key)).not.toEqual(Buffer.from(original.key));
    expect(clone.minted).toBe(true);
    const file = path.join(directory, 'agent.json');
    expect(readFileSync(file, 'utf8')).not.toContain('machine-b');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('says what is wrong with a file it cannot use', () => {
    writeFileSync(path.join(directory, 'agent.json'), '{"version": 2}');
    expect(() => openIdentity(directory, 'machine', 1000, log)).toThrow(/agent\.json/);
  });

  it('belongs to one agent at a time, and to the next after one was killed', () => {
    {
      using lock = lockDirectory(directory);
      expect(lock).toBeDefined();
      expect(() => lockDirectory(directory)).toThrow(/running agent/);
    }
    using again = lockDirectory(directory);
    expect(again).toBeDefined();
    // Another process has the number of the killed one now: its start time differs.
    writeFileSync(path.join(directory, 'agent.pid'), `${process.pid} 1`);
    using afterKill = lockDirectory(directory);
    expect(afterKill).toBeDefined();
  });
});
