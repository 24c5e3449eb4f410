import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { faultText } from './fault.ts';
import { verifyStore } from './verify-store.ts';

const ROUNDS = process.env['PLIMSOLL_TEST_LONG'] === '1' ? 20 : 3;
const LOOKS = 3;

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'plimsoll-live-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

/** A program that appends, seals and merges as fast as it can. */
async function start(epoch: number): Promise<ChildProcess> {
  const program = join(import.meta.dirname, '../kill-child.ts');
  const child = spawn(process.execPath, [program, '--path', path, '--epoch', String(epoch)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.stdout.resume();
  return child;
}

it('finds nothing wrong with a store that is being written, nor after its writer was killed', async () => {
  for (let round = 1; round <= ROUNDS; round++) {
    const child = await start(round);
    try {
      for (let look = 0; look < LOOKS; look++) {
        expect((await verifyStore(path)).faults.map(faultText), `round ${round}`).toEqual([]);
      }
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const { faults, bytes } = await verifyStore(path);
    expect(faults.map(faultText), `after the kill of round ${round}`).toEqual([]);
    expect(bytes).toBeGreaterThan(0);
  }
}, 240_000);
