import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TaskResult, WriterTask } from '../writer/writer-protocol.ts';
import { DayRollups } from './day-rollups.ts';
import { RollupStore } from './rollup-store.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DAY = Date.UTC(2027, 0, 10);

let directory: string;
let tasks: WriterTask[];
/** How many tasks each day takes. */
let tasksPerDay: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-day-rollups-'));
  tasks = [];
  tasksPerDay = 1;
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

/** A writer that takes a second for each task. */
function run(task: WriterTask): Promise<TaskResult> {
  tasks.push(task);
  vi.advanceTimersByTime(1000);
  return Promise.resolve({ syncs: 0, rolledUp: tasks.length % tasksPerDay === 0 });
}

function create(newestMs: number, days = [DAY - DAY_MS, DAY], rollupRetentionMs = 365 * DAY_MS) {
  const rollups = new RollupStore(directory);
  const options = { rollupRetentionMs, retentionSizeBytes: 2 ** 30 };
  return new DayRollups({
    rollups,
    days: { days },
    writer: { run },
    ageNow: () => newestMs,
    options,
    newestMs: () => newestMs,
  });
}

const rolledUp = (): number[] => tasks.flatMap((task) => (task.kind === 'roll-up' ? [task.dayStartMs] : []));

describe('days', () => {
  it('are rolled up once, when they are over', async () => {
    const early = create(DAY + DAY_MS + 60_000);
    await early.run(false);
    expect(rolledUp()).toEqual([DAY - DAY_MS]);
    tasks.length = 0;
    const rollups = create(DAY + DAY_MS + HOUR_MS);
    await rollups.run(false);
    await rollups.run(false);
    expect(rolledUp()).toEqual([DAY - DAY_MS, DAY]);
  });

  it('are rolled up again when windows were merged into them, and that has ended', async () => {
    const rollups = create(DAY + DAY_MS + HOUR_MS);
    await rollups.run(false);
    tasks.length = 0;
    rollups.merged(DAY + 2 * HOUR_MS);
    await rollups.run(false);
    expect(rolledUp()).toEqual([]);
    vi.advanceTimersByTime(11 * 60_000);
    await rollups.run(false);
    expect(rolledUp()).toEqual([DAY]);
  });

  it('take a share of the time, and go on in the next run', async () => {
    tasksPerDay = 4;
    const rollups = create(DAY + DAY_MS + HOUR_MS, [DAY]);
    await rollups.run(false);
    expect(rolledUp()).toHaveLength(2);
    await rollups.run(false);
    expect(rolledUp()).toHaveLength(4);
    await rollups.run(false);
    expect(rolledUp()).toHaveLength(4);
  });

  it('are rolled up to their end before their samples are dropped', async () => {
    tasksPerDay = 3;
    await create(DAY + DAY_MS + HOUR_MS).keep([DAY]);
    expect(tasks.map(({ kind }) => kind)).toEqual(['roll-up', 'roll-up', 'roll-up', 'keep-rollups']);
  });

  it('are left alone where no rollups are kept, or not as long', async () => {
    const off = create(DAY + DAY_MS + HOUR_MS, [DAY], 0);
    await off.run(true);
    await off.keep([DAY]);
    await off.dropOld();
    const short = create(DAY + 3 * DAY_MS, [DAY], DAY_MS);
    await short.run(true);
    expect(tasks).toEqual([]);
  });
});
