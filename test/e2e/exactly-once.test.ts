import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { budget, randomOf, seedOf } from '../support/budget.ts';
import { type Ledger, startRecordedFleet } from '../support/fleet.ts';
import { getJson, type Program, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const HOSTS = 50;
const INTERVAL_MS = 1000;
const kills = budget({ short: 3, long: 20 });

interface Matrix {
  readonly data: {
    readonly result: { readonly metric: Record<string, string>; readonly values: [number, string][] }[];
  };
}

/** The samples of `node_load1`, the first slot of each simulated host, by instance and timestamp. */
async function stored(program: Program): Promise<Map<string, Map<number, number>>> {
  const { data } = await getJson<Matrix>(
    `${program.web}/api/v1/query?query=${encodeURIComponent('node_load1[1h]')}`,
  );
  const entries = data.result.map(({ metric, values }) => {
    expect(new Set(values.map(([at]) => at)).size, `doubled samples of ${metric['instance']}`).toBe(
      values.length,
    );
    const samples = new Map(values.map(([at, value]) => [Math.round(at * 1000), Number(value)]));
    return [metric['instance'] ?? '', samples] as const;
  });
  return new Map(entries);
}

function differences(
  ledgers: Map<string, Ledger>,
  acknowledged: Map<string, readonly number[]>,
  samples: Map<string, Map<number, number>>,
): string[] {
  const found: string[] = [];
  for (const [instance, ledger] of ledgers) {
    const have = samples.get(instance) ?? new Map<number, number>();
    for (const at of acknowledged.get(instance) ?? []) {
      if (have.get(at) !== ledger.made.get(at))
        found.push(`${instance} lost or changed its acknowledged sample at ${at}`);
    }
    for (const at of have.keys())
      if (!ledger.made.has(at)) found.push(`${instance} has a sample at ${at} never sent`);
  }
  return found;
}

it(
  `keeps every acknowledged sample, once, over ${kills} kill -9 of the collector under load`,
  async () => {
    const random = randomOf(seedOf('exactly once'));
    const storagePath = await mkdtemp(path.join(tmpdir(), 'plimsoll-kill-'));
    let program = await startProgram({ command: 'collector', storagePath });
    const { fleet, ledgers } = startRecordedFleet({
      address: program.grpc,
      hosts: HOSTS,
      intervalMs: INTERVAL_MS,
      seed: 1,
    });
    const port = ['--grpc.listen-address', program.grpc];
    try {
      await waitFor('the fleet', () => fleet.stats().connected === HOSTS);
      for (let kill = 0; kill < kills; kill++) {
        await delay(500 + random() * 3000);
        await program.kill();
        program = await startProgram({ command: 'collector', storagePath, args: port });
      }
      await waitFor('the fleet to return', () => fleet.stats().connected === HOSTS, 60_000);
      const madeSoFar = new Map(
        [...ledgers].map(([instance, ledger]) => [instance, [...ledger.made.keys()]]),
      );
      await waitFor(
        'the backfill',
        () =>
          [...madeSoFar].every(([instance, made]) =>
            made.every((at) => ledgers.get(instance)?.acknowledged.has(at)),
          ),
        60_000,
      );
      expect(fleet.stats().framesRefused).toBe(0);
      // The fleet goes on: what is acknowledged after the query was answered cannot be in its answer.
      const acknowledged = new Map(
        [...ledgers].map(([instance, ledger]) => [instance, [...ledger.acknowledged]]),
      );
      const samples = await stored(program);
      expect(differences(ledgers, acknowledged, samples)).toEqual([]);
      expect(samples.size).toBe(HOSTS);
      const total = [...madeSoFar.values()].reduce((sum, made) => sum + made.length, 0);
      console.log(
        `exactly once: ${kills} kills, ${HOSTS} hosts, ${total} frames made, all acknowledged and stored once`,
      );
    } finally {
      await fleet[Symbol.asyncDispose]();
      await program[Symbol.asyncDispose]();
      await rm(storagePath, { recursive: true, force: true });
    }
  },
  kills * 30_000 + 120_000,
);
