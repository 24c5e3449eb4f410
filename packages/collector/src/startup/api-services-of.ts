import { hostname } from 'node:os';
import { PLIMSOLL_VERSION } from '@plimsoll/proto';
import type { ApiServices } from '../api/api-services.ts';
import { createQueryEngine } from '../api/prometheus/promql-query-engine.ts';
import { loadStaticFiles } from '../api/static-files.ts';
import type { Backups } from '../backup/backups.ts';
import type { Capacity } from '../capacity/start-capacity.ts';
import { configToYaml, flagValues } from '../config/describe-config.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Runtime } from '../runtime.ts';
import type { State } from './open-state.ts';
import type { Reloader } from './reloader.ts';
import type { Work } from './start-work.ts';
import { systemStatusOf } from './system-status.ts';

const DAY_MS = 86_400_000;

/** Gathers what the HTTP API shows and does. */
export async function apiServicesOf(parts: {
  config: () => LoadedConfig;
  runtime: Runtime;
  state: State;
  work: Work;
  backups: Backups;
  reloader: Reloader;
  startedAtMs: number;
  webDirectory: string;
  isReady: () => boolean;
}): Promise<ApiServices> {
  const { runtime, state, work, reloader, startedAtMs, isReady } = parts;
  const config = parts.config();
  return {
    runtime,
    ...state,
    queries: createQueryEngine(state.engine, state.store),
    rules: work.evaluation,
    alertmanager: work.alertmanager,
    capacity: capacityView(work.capacity),
    events: work.events,
    backups: parts.backups,
    process: {
      version: PLIMSOLL_VERSION,
      startedAtMs,
      workingDirectory: process.cwd(),
      hostname: hostname(),
      storageRetention: `${config.file.storage.retentionTimeMs / DAY_MS}d`,
      lastReload: reloader.last,
      configurationYaml: () => configToYaml(parts.config()),
      flags: flagValues(config),
    },
    config: () => parts.config().file,
    externalUrl: config.webExternalUrl,
    queryTimeoutMs: config.query.timeoutMs,
    ui: await loadStaticFiles(parts.webDirectory),
    isReady,
    status: systemStatusOf({
      runtime,
      version: PLIMSOLL_VERSION,
      startedAtMs,
      ...state,
      ...work,
      reloader,
      isReady,
    }),
    reload: reloader.reload,
  };
}

function capacityView(capacity: Capacity): ApiServices['capacity'] {
  return {
    filesystems: async () => capacity.filesystems(),
    filesystemForecast: async (instance, mountpoint) => capacity.filesystemForecast(instance, mountpoint),
  };
}
