import path from 'node:path';
import type { Facts } from '@plimsoll/proto';
import { startPage } from './exposition/start-page.ts';
import { Collecting } from './collecting.ts';
import { openIdentity, readMachineId } from './identity-file.ts';
import type { Log } from './log.ts';
import { makeSpoolDirectory } from './make-spool-directory.ts';
import type { AgentOptions } from './options.ts';
import { lockDirectory } from './spool/lock-directory.ts';
import { Spool } from './spool/spool.ts';
import { createUplink } from './uplink/uplink.ts';

export interface Agent extends AsyncDisposable {
  /** Where the agent's own page is. */
  readonly url: string;
  /** Tells the collector the host's inventory. */
  sendFacts(facts: Facts): void;
}

/**
 * Starts collecting, spooling and streaming in this process; fulfilled after the first collection.
 *
 * @throws StartError when the directory is in use or cannot be written, or the page's address cannot be had.
 */
export async function startAgent(options: AgentOptions, log: Log): Promise<Agent> {
  await using started = new AsyncDisposableStack();
  const now = Date.now;
  makeSpoolDirectory(options.spoolPath);
  started.use(lockDirectory(options.spoolPath));
  const identity = openIdentity(options.spoolPath, readMachineId(options.paths.rootfs), now(), log);
  const spool = started.use(
    Spool.open(path.join(options.spoolPath, 'spool'), options.spoolMaxBytes, log, now),
  );
  if (identity.minted) {
    const frames = spool.discard();
    if (frames > 0) log.warn({ frames }, "frames of this machine's original were removed from the spool");
  }
  if (!/^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):/.test(options.collectorAddress)) {
    log.warn({ address: options.collectorAddress }, 'the stream to the collector is not encrypted');
  }
  const uplink = started.use(
    createUplink({
      address: options.collectorAddress,
      identity: {
        ...identity,
        instance: options.instance,
        labels: options.labels,
        collectIntervalMs: options.collectIntervalMs,
        agentVersion: options.agentVersion,
      },
      source: spool,
      log,
    }),
  );
  const collecting = started.use(await Collecting.create(options, identity, { spool, uplink, log, now }));
  const page = started.use(
    await startPage({
      listenAddress: options.webListenAddress,
      metrics: () => collecting.page(),
      isReady: () => collecting.isFresh(),
    }),
  );
  await collecting.start();
  const running = started.move();
  return {
    url: page.url,
    sendFacts: (facts) => uplink.sendFacts(facts),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
