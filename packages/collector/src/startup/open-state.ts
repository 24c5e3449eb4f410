import path from 'node:path';
import { createEngine, type Engine } from '@plimsoll/promql';
import { refuseDamagedState } from '../backup/refuse-damaged-state.ts';
import { renewStateSums } from '../backup/renew-state-sums.ts';
import { refuseHalfRestored } from '../backup/restore-mark.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Desk } from '../desk/desk.ts';
import { openDesk } from '../desk/open-desk.ts';
import { openHostRegistry, type WritableHostRegistry } from '../hosts/open-host-registry.ts';
import { makeDirectory } from '../make-directory.ts';
import { SumsKeeper } from '../page-sums/sums-keeper.ts';
import type { Runtime } from '../runtime.ts';
import { KeptFiles } from '../scrub/kept-files.ts';
import { type AdminToken, loadAdminToken } from '../security/admin-token.ts';
import { missingIn } from '../telemetry/embedded/verify/verify-store.ts';
import { countDamagedState } from './count-damaged-state.ts';
import { openStore, type StateStore } from './open-store.ts';
import { TimeSlice } from '../time-slice.ts';
import { lookupBackup } from './lookup-backup.ts';

/** What outlives the process, opened, and the engine that queries it. */
export interface State extends AsyncDisposable {
  readonly store: StateStore;
  readonly hosts: WritableHostRegistry;
  readonly desk: Desk;
  readonly adminToken: AdminToken;
  readonly engine: Engine;
  /** Copies the write-ahead logs of databases back; they leave that to it. */
  readonly sums: SumsKeeper;
  /** Reads databases beside those who have them open. */
  readonly kept: KeptFiles;
  /** Files below the storage path that were found damaged at the start and are where they were. */
  readonly damagedAtStart: ReadonlySet<string>;
}

/** Opens everything under the storage path; the telemetry store's lock guards all of it. */
export async function openState(
  config: LoadedConfig,
  catalogue: Catalogue,
  runtime: Runtime,
): Promise<State> {
  await using opened = new AsyncDisposableStack();
  const { storagePath, file, query } = config;
  makeDirectory(storagePath, '--storage.path');
  refuseHalfRestored(storagePath);
  refuseDamagedState(storagePath);
  // Closed last: until then databases are open that it would take the locks of.
  const kept = opened.use(new KeptFiles());
  const store = opened.use(await openStore(path.join(storagePath, 'telemetry'), file, runtime));
  renewStateSums(storagePath, runtime.log);
  const telemetry = path.join(storagePath, 'telemetry');
  const damagedAtStart = new Set([
    ...countDamagedState(storagePath, runtime),
    ...missingIn(telemetry).map((missing) => `telemetry/${missing}`),
    ...store.damagedAtOpening.map((damaged) => path.relative(storagePath, damaged)),
  ]);
  const adminToken = await loadAdminToken(storagePath);
  const sums = opened.use(new SumsKeeper(runtime));
  const hosts = opened.use(openHostRegistry(storagePath, runtime.now));
  sums.watch(path.join(storagePath, 'hosts.sqlite'));
  const engine = createEngine({
    lookbackMs: query.lookbackDeltaMs,
    maxSamples: query.maxSamples,
    defaultSubqueryStepMs: file.global.evaluationIntervalMs,
    now: runtime.now,
    timeSlice: () => new TimeSlice(),
  });
  const desk = opened.use(
    await openDesk({
      path: path.join(storagePath, 'desk'),
      runtime,
      config: file.desk,
      catalogue,
      lookupBackup: lookupBackup(engine, store),
    }),
  );
  sums.watch(path.join(storagePath, 'desk', 'journal.db'));
  const parts = opened.move();
  return {
    store,
    hosts,
    desk,
    adminToken,
    engine,
    sums,
    kept,
    damagedAtStart,
    [Symbol.asyncDispose]: async () => parts.disposeAsync(),
  };
}
