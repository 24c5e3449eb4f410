import { newRuntime } from '../../../packages/cli/src/storage-runtime.ts';
import {
  type EmbeddedTelemetryStore,
  openEmbeddedStore,
} from '../../../packages/collector/src/telemetry/embedded/open-embedded-store.ts';

/** Opens a store in this process, with the settings of a collector that was given none, and closes it afterwards. */
export async function withStore<T>(
  directory: string,
  use: (store: EmbeddedTelemetryStore) => Promise<T>,
): Promise<T> {
  await using store = await openEmbeddedStore({ path: directory, runtime: newRuntime() });
  return await use(store);
}
