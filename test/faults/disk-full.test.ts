import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { startRecordedFleet } from '../support/fleet.ts';
import { getJson, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const MOUNT_MIB = 48;

/** Why a small filesystem cannot be mounted here, or undefined. */
function cannotMount(): string | undefined {
  try {
    execFileSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const reason = cannotMount();
if (reason !== undefined) console.warn(`disk-full tests are skipped: ${reason}`);

async function metric(web: string, name: string): Promise<number> {
  const page = await (await fetch(`${web}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1]);
}

it.skipIf(reason !== undefined)(
  'goes on by itself after a full disk, with every acknowledged sample',
  async () => {
    // Not below the mount: what lies there before it is mounted is hidden afterwards.
    const mount = await mkdtemp(path.join(tmpdir(), 'plimsoll-full-'));
    const script = `mount -t tmpfs -o size=${MOUNT_MIB}m tmpfs "$0" && exec "$@"`;
    await using program = await startProgram({
      command: 'collector',
      storagePath: path.join(mount, 'data'),
      under: ['unshare', '-rm', 'sh', '-c', script, mount],
      config: 'storage: {freeSpaceReserve: 4MiB}\n',
    });
    const { fleet, ledgers } = startRecordedFleet({
      address: program.grpc,
      hosts: 5,
      intervalMs: 200,
      seed: 3,
    });
    try {
      const acknowledged = (): number =>
        [...ledgers.values()].reduce((sum, ledger) => sum + ledger.acknowledged.size, 0);
      await waitFor('the first acknowledgements', () => acknowledged() > 20);

      // The mount is seen from outside through the process that has it.
      const filler = path.join(`/proc/${program.process.pid}/root`, mount, 'filler');
      const chunk = Buffer.alloc(1 << 20);
      await writeFile(filler, Buffer.concat(Array.from({ length: MOUNT_MIB }, () => chunk))).catch(
        () => undefined,
      );
      const status = await waitFor(
        'the store to say that it cannot write',
        async () => {
          const { store } = await getJson<{ store: { readOnlyReason: string | null } }>(
            `${program.web}/api/plimsoll/v1/status`,
          );
          return store.readOnlyReason ?? false;
        },
        30_000,
      );
      expect(status).toMatch(/space|full/i);
      expect(await metric(program.web, 'plimsoll_store_read_only')).toBe(1);
      const whileFull = acknowledged();

      await rm(filler);
      await waitFor('acknowledgements after space returned', () => acknowledged() > whileFull + 20, 60_000);
      const made = new Map([...ledgers].map(([instance, ledger]) => [instance, [...ledger.made.keys()]]));
      await waitFor(
        'everything made meanwhile',
        () =>
          [...made].every(([instance, all]) =>
            all.every((at) => ledgers.get(instance)?.acknowledged.has(at)),
          ),
        60_000,
      );
      const { data } = await getJson<{
        data: { result: { metric: { instance: string }; values: [number, string][] }[] };
      }>(`${program.web}/api/v1/query?query=${encodeURIComponent('node_load1[1h]')}`);
      for (const { metric: labels, values } of data.result) {
        const stored = new Map(values.map(([at, value]) => [Math.round(at * 1000), Number(value)]));
        expect(stored.size, 'doubled samples').toBe(values.length);
        const ledger = ledgers.get(labels.instance);
        for (const at of made.get(labels.instance) ?? []) expect(stored.get(at)).toBe(ledger?.made.get(at));
      }
      expect(data.result.length).toBe(5);
    } finally {
      await fleet[Symbol.asyncDispose]();
    }
  },
);
