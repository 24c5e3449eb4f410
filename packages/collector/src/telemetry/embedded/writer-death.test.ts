import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { budget, randomOf, seedOf } from '../../../../../test/support/budget.ts';
import { MortalLife } from './mortal-life.ts';

const DEATHS = budget({ short: 6, long: 400 });
/** Then with a new store. */
const DEATHS_PER_STORE = 6;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-death-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it(
  'a store whose writer dies under load loses and doubles nothing, says so, and goes on by itself',
  { timeout: 20_000 * DEATHS },
  async () => {
    const seed = seedOf(`deaths of the writer: ${DEATHS}`);
    const random = randomOf(seed);
    const ways = new Map<string, number>();
    for (let left = DEATHS, store = 1; left > 0; left -= DEATHS_PER_STORE, store++) {
      const path = join(root, String(store));
      const life = new MortalLife(path, random, Math.min(left, DEATHS_PER_STORE));
      try {
        await life.run();
      } catch (cause) {
        throw new Error(`store ${store}, PLIMSOLL_SEED=${seed}: ${life.deaths.join()}`, { cause });
      }
      for (const death of life.deaths) {
        const [way = ''] = death.split(' ');
        ways.set(way, (ways.get(way) ?? 0) + 1);
      }
      rmSync(path, { recursive: true });
    }
    const text = [...ways].map(([way, count]) => `${way} ${count}`).join(', ');
    expect([...ways.values()].reduce((sum, count) => sum + count, 0)).toBe(DEATHS);
    process.stdout.write(`deaths of the writer: ${text}, seed ${seed}\n`);
  },
);
