import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { openHostRegistry } from '../hosts/open-host-registry.ts';
import { SumsKeeper } from '../page-sums/sums-keeper.ts';
import { countDamagedState } from './count-damaged-state.ts';

it('tells of a page that changed in a database that is about to be read', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-state-'));
  const file = path.join(directory, 'hosts.sqlite');
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  try {
    {
      using sums = new SumsKeeper({ now: Date.now, log, metrics: new Registry() });
      openHostRegistry(directory, Date.now)[Symbol.dispose]();
      sums.watch(file);
    }
    const look = async (): Promise<number | undefined> => {
      const metrics = new Registry();
      countDamagedState(directory, { log, metrics });
      return (await metrics.getSingleMetric('plimsoll_state_damaged_files')?.get())?.values[0]?.value;
    };
    expect(await look()).toBe(0);
    const bytes = readFileSync(file);
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(lines).toEqual([]);
    expect(await look()).toBe(1);
    expect(lines.join()).toMatch(/hosts\.sqlite: page 2 changed since it was written; it holds known agents/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
