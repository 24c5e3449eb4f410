import { execFile } from 'node:child_process';
import { childEntry } from './child-entry.ts';
import type { HostFacts } from './facts.ts';
import { INVENTORY_TIMEOUT_MS, MAX_INVENTORY_BYTES } from './limits.ts';

/** Takes the inventory in a short-lived process. @throws Error when it fails, takes too long or prints too much. */
export async function runInventory(signal: AbortSignal): Promise<HostFacts> {
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [childEntry('inventory-main')],
      { signal, timeout: INVENTORY_TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_INVENTORY_BYTES },
      (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
    );
  });
  // Our own program printed it, from this very version of the type.
  return JSON.parse(output) as HostFacts;
}
