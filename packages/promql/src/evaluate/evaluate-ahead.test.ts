import { describe, expect, it } from 'vitest';
import { createEngine } from '../engine.ts';
import { Labels } from '../labels.ts';
import { MemoryStorage } from '../memory-storage.ts';
import type { TimeSlice } from './evaluate-ahead.ts';

const SERIES = 30;
const SAMPLES = 8000;
const STEP_MS = 10_000;
const END_MS = SAMPLES * STEP_MS;

const storage = new MemoryStorage();
for (let n = 0; n < SERIES; n++) {
  storage.append(
    Labels.of({ __name__: n % 2 === 0 ? 'even_total' : 'odd_total', n: String(n) }),
    Array.from({ length: SAMPLES }, (_, i) => ({ timeMs: i * STEP_MS, value: i * (n + 1) })),
  );
}

/** Rests after every series. */
class ShortSlice implements TimeSlice {
  static rests = 0;
  readonly over = true;

  async rest(): Promise<void> {
    ShortSlice.rests++;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

const queries = [
  'sum(rate({__name__=~".+_total"}[30m]))',
  'max by (n) (increase(even_total[1h])) / ignoring (x) max by (n) (increase({__name__=~".+_total"}[2h]))',
  'quantile_over_time(0.5, {__name__=~"even_total|odd_total"}[1h]) > 100',
  'max_over_time(sum(rate({__name__=~".+_total"}[30m]))[2h:10m])',
  'rate({__name__=~".+_total"}[1h] @ end()) + 1',
];

describe('a long evaluation', () => {
  it('answers the same with rests, beside others that rest too', async () => {
    const plain = createEngine();
    const resting = createEngine({ timeSlice: () => new ShortSlice() });
    const times = { startMs: END_MS / 2, endMs: END_MS, stepMs: 7 * 60_000, queryable: storage };
    const together = queries.flatMap((text) => [
      resting.queryRange({ ...times, text }),
      resting.queryInstant({ text, timeMs: END_MS - 1, queryable: storage }),
    ]);
    const answers = await Promise.all(together);
    expect(ShortSlice.rests).toBeGreaterThan(SERIES);
    for (const [i, text] of queries.entries()) {
      const range = await plain.queryRange({ ...times, text });
      const instant = await plain.queryInstant({ text, timeMs: END_MS - 1, queryable: storage });
      expect(answers[i * 2]?.value, text).toEqual(range.value);
      expect(answers[i * 2 + 1]?.value, text).toEqual(instant.value);
    }
  });

  it('ends between two series when it is cancelled', async () => {
    const cancel = new AbortController();
    const slice: TimeSlice = {
      over: true,
      rest: async () => {
        cancel.abort();
        return Promise.resolve();
      },
    };
    const many = new MemoryStorage();
    for (let n = 0; n < 600; n++) {
      many.append(
        Labels.of({ __name__: 'm', n: String(n) }),
        Array.from({ length: 400 }, (_, i) => ({ timeMs: i * STEP_MS, value: i })),
      );
    }
    const engine = createEngine({ timeSlice: () => slice });
    const asked = { text: 'sum(changes(m[1h]))', timeMs: 400 * STEP_MS, queryable: many };
    await expect(engine.queryInstant({ ...asked, signal: cancel.signal })).rejects.toMatchObject({
      message: 'query was canceled in expression evaluation',
    });
  });
});
