import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Labels } from '@plimsoll/promql';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { openEmbeddedStore } from '../open-embedded-store.ts';

const AGENTS = 20;
const SERIES = 250;
/** None of them is sealed before the reads begin. */
const FRAMES = 50;
const STEP_MS = 10_000;
const START_MS = Date.UTC(2027, 0, 15);
/** Samples are read up to here; what comes while reading is newer. */
const END_MS = START_MS + FRAMES * STEP_MS;

it(
  'a long read rests, and is whole whatever is sealed, merged and appended meanwhile',
  { timeout: 60_000 },
  async () => {
    const path = mkdtempSync(join(tmpdir(), 'plimsoll-long-read-'));
    try {
      await using store = await openEmbeddedStore({
        path,
        runtime: { now: () => END_MS, log: pino({ level: 'silent' }), metrics: new Registry() },
      });
      const refs = Array.from({ length: AGENTS }, (_, agent) =>
        store.internSeries(
          Array.from({ length: SERIES }, (__, n) =>
            Labels.of({ __name__: 'm', agent: `${agent}`, n: `${n}` }),
          ),
        ),
      );
      const append = async (frame: number): Promise<void> => {
        const appended = refs.map((set, agent) =>
          store.appendFrame({
            agentId: `agent-${agent}`,
            epoch: 1,
            sequence: frame + 1,
            timestampMs: START_MS + frame * STEP_MS,
            refs: set,
            values: Float64Array.from(set, (_, n) => valueAt(agent, n, frame)),
            backfill: false,
          }),
        );
        await Promise.all(appended.map(({ durable }) => durable));
      };
      for (let frame = 0; frame < FRAMES; frame++) await append(frame);
      const work = { done: false };
      const others = (async () => {
        for (let frame = FRAMES; frame < FRAMES + 30; frame++) await append(frame);
        await store.compact();
        work.done = true;
      })();
      // If reads did not rest, the others would never come to an end.
      let reads = 0;
      for (; !work.done; reads++) {
        const found = await store.select({
          matchers: [{ name: '__name__', type: '=', value: 'm' }],
          startMs: START_MS,
          endMs: END_MS - 1,
        });
        expect(found).toHaveLength(AGENTS * SERIES);
        for (const { labels, timestamps, values } of found) {
          const [agent, n] = [Number(labels.get('agent')), Number(labels.get('n'))];
          if (timestamps.length !== FRAMES)
            expect.unreachable(`${timestamps.length} samples of ${labels.key}`);
          if (!values.every((value, frame) => value === valueAt(agent, n, frame)))
            expect.unreachable(`${labels.key} reads ${values.join()}`);
        }
      }
      await others;
      expect(reads).toBeGreaterThan(1);
    } finally {
      rmSync(path, { recursive: true, force: true });
    }
  },
);

function valueAt(agent: number, n: number, frame: number): number {
  return frame * 1000 + agent + n / 256;
}
