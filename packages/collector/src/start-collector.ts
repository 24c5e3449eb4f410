import { createApi } from './api/create-api.ts';
import { startHttpServer } from './api/start-http-server.ts';
import type { LoadedConfig } from './config/load-config.ts';
import type { FileConfig } from './config/config.ts';
import { startIngest } from './ingest/start-ingest.ts';
import { registerProcessMetrics } from './process-metrics.ts';
import { PLIMSOLL_VERSION } from '@plimsoll/proto';
import type { Runtime } from './runtime.ts';
import { parseListenAddress } from './security/listen-address.ts';
import { apiServicesOf } from './startup/api-services-of.ts';
import { loadDefinitions } from './startup/load-definitions.ts';
import { needsRestart } from './startup/needs-restart.ts';
import { openBackups } from './startup/open-backups.ts';
import { openState } from './startup/open-state.ts';
import { refuseExposure } from './startup/refuse-exposure.ts';
import { lifecycleRecorder } from './startup/record-hosts.ts';
import { createReloader } from './startup/reloader.ts';
import { startWork } from './startup/start-work.ts';

export interface CollectorOptions {
  readonly config: LoadedConfig;
  /** Reads flags and file again, for a reload. */
  readonly reloadConfig: () => Promise<LoadedConfig>;
  readonly runtime: Runtime;
  /** The built UI. */
  readonly webDirectory: string;
}

/** A running collector. Disposing drains streams and requests, and leaves everything durable. */
export interface Collector extends AsyncDisposable {
  /** Base URL of UI and API. */
  readonly webUrl: string;
  /** host:port agents connect to. */
  readonly grpcAddress: string;
  /** @throws PlimsollError('configuration'); what runs stays as it was. */
  reload(): Promise<void>;
}

/**
 * Opens and connects the parts: what is stored, what works on it, and last what lets the world in. A part that cannot
 * start closes those before it.
 *
 * @throws PlimsollError 'configuration', 'locked' or 'unavailable' with one clear line.
 */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  await using opened = new AsyncDisposableStack();
  const { runtime, config } = options;
  const startedAtMs = runtime.now();
  refuseExposure(config, runtime);
  const definitions = await loadDefinitions(config);
  registerProcessMetrics(runtime.metrics, PLIMSOLL_VERSION);
  const state = opened.use(await openState(config, definitions.catalogue, runtime));
  const work = opened.use(await startWork(config, definitions.ruleGroups, state, runtime));

  let current: LoadedConfig = config;
  const backups = opened.use(await openBackups(() => current, state, runtime));
  const file = (): FileConfig => current.file;
  const reloader = createReloader(runtime, async () => {
    const next = await options.reloadConfig();
    const loaded = await loadDefinitions(next);
    await work.notifier.reload(next.file.notifications.channels);
    await work.alertmanager.reload(next.file);
    await state.desk.reloadCatalogue(loaded.catalogue);
    state.desk.reconfigure(next.file.desk);
    await work.evaluation.reload(loaded.ruleGroups);
    current = next;
    const settings = needsRestart(config, next);
    if (settings.length > 0)
      runtime.log.warn({ settings }, 'changed settings that only the next start takes');
  });

  let ready = false;
  const services = await apiServicesOf({
    config: () => current,
    runtime,
    state,
    work,
    backups,
    reloader,
    startedAtMs,
    webDirectory: options.webDirectory,
    isReady: () => ready,
  });
  const listenAddress = parseListenAddress(config.webListenAddress, 'web.listen-address');
  const http = opened.use(await startHttpServer({ ...createApi(services), listenAddress }));
  const ingest = opened.use(
    await startIngest({
      runtime,
      store: state.store,
      hosts: state.hosts,
      listenAddress: config.grpcListenAddress,
      version: PLIMSOLL_VERSION,
      config: file,
      onStream: lifecycleRecorder(state.desk, runtime),
    }),
  );
  ready = true;
  const parts = opened.move();
  return {
    webUrl: http.url,
    grpcAddress: ingest.address,
    reload: reloader.reload,
    async [Symbol.asyncDispose]() {
      ready = false;
      await parts.disposeAsync();
    },
  };
}
