import { newRuntime } from '../../../packages/cli/src/storage-runtime.ts';
import {
  type EmbeddedTelemetryStore,
  openEmbeddedStore,
} from '../../../packages/collector/src/telemetry/embedded/open-embedded-store.ts';
import type { EmbeddedStoreOptions } from '../../../packages/collector/src/telemetry/embedded/store-options.ts';

/** Opens a store in this process, with the store's own defaults where not told otherwise, and closes it afterwards. */
export async function withStore<T>(
  directory: string,
  use: (store: EmbeddedTelemetryStore) => Promise<T>,
  options: Partial<EmbeddedStoreOptions> = {},
): Promise<T> {
  await using store = await openEmbeddedStore({ path: directory, runtime: newRuntime(), options });
  return await use(store);
}
