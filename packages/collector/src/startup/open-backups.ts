import path from 'node:path';
import { type Backups, createBackups } from '../backup/backups.ts';
import { configurationFiles } from '../backup/configuration-files.ts';
import { recordRestore } from '../backup/record-restore.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Runtime } from '../runtime.ts';
import type { State } from './open-state.ts';

/** Makes backups possible; and where the data came from one, sees to it that the loss is journalled. */
export async function openBackups(
  config: () => LoadedConfig,
  state: State,
  runtime: Runtime,
): Promise<Backups> {
  const storagePath = path.resolve(config().storagePath);
  const { store, hosts, desk } = state;
  const watch = await recordRestore({
    runtime,
    storagePath,
    store,
    hosts,
    record: (event) => desk.record(event),
  });
  const backups = createBackups({
    runtime,
    storagePath,
    backUp: (copy) => store.backUp(copy),
    configuration: () => configurationFiles(config()),
  });
  return {
    start: (request) => backups.start(request),
    find: (id) => backups.find(id),
    list: () => backups.list(),
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      await backups[Symbol.asyncDispose]();
    },
  };
}
