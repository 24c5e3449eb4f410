import { Labels } from '@plimsoll/promql';
import { uuidOf } from '../../../packages/cli/src/fleet/uuid-of.ts';
import { withStore } from './open-store.ts';
import { StoreHost } from './store-hosts.ts';
import { samplesOf, type StoreLoad } from './store-load.ts';

/** So many collections of all hosts are on their way to the disk at once. */
const STEPS_IN_FLIGHT = 60;

/** Writes a load into a store of this process and compacts it. */
export async function fillStore(directory: string, load: StoreLoad): Promise<void> {
  const started = process.cpuUsage();
  await withStore(directory, async (store) => {
    const agents = Array.from({ length: load.hosts }, (_, number) => {
      const host = new StoreHost(number, load.seriesPerHost);
      const refs = store.internSeries(host.series.map((series) => Labels.of(host.labelsOf(series))));
      return { host, agentId: uuidOf(host.instance), refs };
    });
    let durable: Promise<void>[] = [];
    for (let step = 0; step < load.steps; step++) {
      for (const { host, agentId, refs } of agents) {
        const outcome = store.appendFrame({
          agentId,
          epoch: 1,
          sequence: step + 1,
          timestampMs: load.startMs + step * load.intervalMs,
          refs,
          values: host.next(load.intervalMs / 1000).slice(),
          backfill: false,
        });
        durable.push(outcome.durable);
      }
      if (step % STEPS_IN_FLIGHT === STEPS_IN_FLIGHT - 1) {
        await Promise.all(durable);
        durable = [];
      }
    }
    await Promise.all(durable);
    await store.compact();
  });
  const { user, system } = process.cpuUsage(started);
  console.log(
    `  ${samplesOf(load)} samples written and compacted, ${((user + system) / 1e6).toFixed(1)} CPU-s with making them up`,
  );
}
