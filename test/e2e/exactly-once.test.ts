import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { budget, randomOf, seedOf } from '../support/budget.ts';
import { startRecordedFleet } from '../support/fleet.ts';
import { startProgram } from '../support/program.ts';
import { acknowledgedSince, differences, storedSamples } from '../support/stored-samples.ts';
import { waitFor } from '../support/wait-for.ts';

const HOSTS = 50;
const INTERVAL_MS = 1000;
const kills = budget({ short: 3, long: 20 });

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
      const acknowledged = acknowledgedSince(ledgers);
      const samples = await storedSamples(program.web);
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
