import { Labels } from '@plimsoll/promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestEngine } from '../../packages/collector/src/telemetry/questdb/testing/open-test-engine.ts';
import { long } from '../support/budget.ts';
import { getJson, type Program, startProgram } from '../support/program.ts';
import { type QuestdbServer, questdbProgram, startQuestdb } from '../support/questdb.ts';
import { waitFor } from '../support/wait-for.ts';

const program = await questdbProgram();

interface Matrix {
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly values: readonly (readonly [seconds: number, value: string])[];
    }[];
  };
}

/** A gauge or counter on the collector's own page, its series summed. */
async function metric(collector: Program, name: string): Promise<number> {
  const page = await (await fetch(`${collector.web}/metrics`)).text();
  const lines = page.split('\n').filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe.skipIf('missing' in program)('the program with QuestDB behind it', () => {
  let server: QuestdbServer;
  let collector: Program;
  beforeAll(async () => {
    server = await startQuestdb(program);
    collector = await startProgram({
      args: ['--agent.collect.interval', '1s'],
      config: `storage: {engine: questdb, questdb: {http_url: '${server.url}'}}\n`,
    });
  });
  afterAll(async () => {
    await collector[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const isUp = async (up: 0 | 1, timeoutMs: number): Promise<void> => {
    await waitFor(
      `plimsoll_long_term_up ${up}`,
      async () => (await metric(collector, 'plimsoll_long_term_up')) === up,
      timeoutMs,
    );
  };

  const forwardedMore = async (): Promise<void> => {
    const name = 'plimsoll_long_term_samples_total{outcome="forwarded"';
    const before = await metric(collector, 'plimsoll_long_term_samples_total');
    await waitFor(
      `more of ${name}`,
      async () => (await metric(collector, 'plimsoll_long_term_samples_total')) > before,
      60_000,
    );
  };

  it(
    'says so while it is away, and brings it up to the same samples after',
    { timeout: 300_000 },
    async () => {
      await forwardedMore();
      const troubles: (() => Promise<void>)[] = [
        async () => {
          await server.kill();
          await isUp(0, 60_000);
          await server.start();
        },
      ];
      if (long) {
        troubles.push(async () => {
          server.freeze();
          await isUp(0, 60_000);
          server.thaw();
        });
      }
      for (const trouble of troubles) {
        const from = collector.output().length;
        await trouble();
        await isUp(1, 90_000);
        expect(collector.output().slice(from)).toMatch(
          /nothing is forwarded, the queue keeps it: QuestDB at /,
        );
        expect(collector.output().slice(from)).toContain('takes telemetry again');
        await forwardedMore();
      }
      const untilS = Math.floor(Date.now() / 1000);
      await waitFor(
        'what is older to be forwarded',
        async () => {
          const waitingS = await metric(collector, 'plimsoll_long_term_lag_seconds');
          return Date.now() / 1000 - waitingS > untilS + 2;
        },
        60_000,
      );
      await server.settle();
      const query = new URLSearchParams({ query: '{job="node"}[1h]', time: String(untilS) });
      const answer = await getJson<Matrix>(`${collector.web}/api/v1/query?${query.toString()}`);
      const expected = new Map(
        answer.data.result.map(({ metric: labels, values }) => [
          Labels.of(labels).toString(),
          values.map(([seconds, value]) => `${Math.round(seconds * 1000)} ${Number(value)}`).join(),
        ]),
      );
      expect(expected.size).toBeGreaterThan(100);
      await using engine = openTestEngine({ url: server.url });
      const found = await engine.select({
        matchers: [{ name: 'job', type: '=', value: 'node' }],
        startMs: (untilS - 3600) * 1000 + 1,
        endMs: untilS * 1000,
      });
      const kept = new Map(
        found.map(({ labels, timestamps, values }) => [
          labels.toString(),
          Array.from(timestamps, (ms, i) => `${ms} ${values[i]}`).join(),
        ]),
      );
      expect(kept).toEqual(expected);
      expect(await metric(collector, 'plimsoll_questdb_wide_tables')).toBeGreaterThan(3);
    },
  );
});
