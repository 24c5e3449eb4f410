import { describe, expect, it } from 'vitest';
import { MAX_CONCURRENT_QUERIES, MAX_QUEUED_QUERIES } from '../limits.ts';
import { QueryGate } from './query-gate.ts';

function fill(gate: QueryGate, count: number) {
  const ends: (() => void)[] = [];
  const started = { count: 0 };
  const runs = Array.from({ length: count }, () =>
    gate.run(() => {
      started.count++;
      return new Promise<void>((resolve) => ends.push(resolve));
    }, new AbortController().signal),
  );
  return { ends, started, runs };
}

describe('QueryGate', () => {
  it('runs so many at once, the others in turn', async () => {
    const gate = new QueryGate();
    const { ends, started, runs } = fill(gate, MAX_CONCURRENT_QUERIES + 2);
    await Promise.resolve();
    expect(started.count).toBe(MAX_CONCURRENT_QUERIES);
    while (ends.length > 0) {
      for (const end of ends.splice(0)) end();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(runs);
    expect(started.count).toBe(MAX_CONCURRENT_QUERIES + 2);
  });

  it('lets go of who waits too long, and goes on', async () => {
    const gate = new QueryGate();
    const { ends } = fill(gate, MAX_CONCURRENT_QUERIES);
    const patience = new AbortController();
    const impatient = gate.run(async () => 1, patience.signal);
    patience.abort();
    await expect(impatient).rejects.toMatchObject({ errorType: 'timeout' });
    const patient = gate.run(async () => 2, new AbortController().signal);
    for (const end of ends) end();
    expect(await patient).toBe(2);
  });

  it('refuses when too many wait, and frees its place after a failure', async () => {
    const gate = new QueryGate();
    const { ends, runs } = fill(gate, MAX_CONCURRENT_QUERIES + MAX_QUEUED_QUERIES);
    await Promise.resolve();
    await expect(gate.run(async () => 1, new AbortController().signal)).rejects.toMatchObject({
      errorType: 'unavailable',
    });
    while (ends.length > 0) {
      for (const end of ends.splice(0)) end();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(runs);
    const never = new AbortController().signal;
    await expect(gate.run(() => Promise.reject(new Error('boom')), never)).rejects.toThrow('boom');
    expect(await gate.run(async () => 3, never)).toBe(3);
  });
});
