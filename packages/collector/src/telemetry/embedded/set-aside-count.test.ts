import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { openEmbeddedStore } from './open-embedded-store.ts';

it('counts days and rollups that were set aside at every opening, until somebody removes them', async () => {
  const path = mkdtempSync(join(tmpdir(), 'plimsoll-aside-'));
  try {
    const aside = [
      join(path, 'days', '2026-01-02.db.damaged-1700000000000'),
      join(path, 'rollups', '5m-2026-01.db.damaged-1700000000000'),
    ];
    for (const directory of ['days', 'rollups']) mkdirSync(join(path, directory));
    for (const file of aside.flatMap((each) => [each, `${each}.sums`, `${each}-wal`]))
      writeFileSync(file, 'x');
    for (let opening = 0; opening < 2; opening++) {
      const metrics = new Registry();
      const runtime = { now: Date.now, log: pino({ level: 'silent' }), metrics };
      await using store = await openEmbeddedStore({ path, runtime });
      const counted = async (): Promise<number | undefined> =>
        (await metrics.getSingleMetric('plimsoll_store_damaged_files')?.get())?.values[0]?.value;
      expect(store.damagedAtOpening).toEqual([]);
      expect(await counted()).toBe(2);
      if (opening === 0) continue;
      rmSync(aside[0] ?? '');
      expect(await counted()).toBe(1);
      expect(await counted()).toBe(1);
    }
  } finally {
    rmSync(path, { recursive: true });
  }
});
