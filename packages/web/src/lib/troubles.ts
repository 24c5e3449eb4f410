import type { Status } from '../api/types.ts';
import { formatValue } from './format.ts';

/** A collector that lags more than this is not showing the present. */
const lagLimitS = 60;

/** What is wrong with the monitor, most serious first. */
export function troublesOf(status: Status): string[] {
  return [
    status.ready ? null : 'The collector is not ready.',
    status.store.readOnlyReason ? `The store takes no samples: ${status.store.readOnlyReason}.` : null,
    damageOf(status.store),
    status.store.longTerm ? `Telemetry waits in the queue: ${status.store.longTerm.message}.` : null,
    status.rules.lastError ? `A rule failed: ${status.rules.lastError}.` : null,
    status.configuration.lastReloadSuccessful
      ? null
      : `The last reload failed and the earlier configuration is in force: ${status.configuration.error ?? 'unknown error'}.`,
    (status.ingest.lagSeconds ?? 0) > lagLimitS
      ? `Samples arrive ${formatValue(status.ingest.lagSeconds, 'seconds')} late.`
      : null,
  ].filter((text) => text !== null);
}

function damageOf({ damagedCount, damagedFiles: [first] }: Status['store']): string | null {
  if (damagedCount === 0) return null;
  const files = damagedCount === 1 ? 'A stored file is' : `${damagedCount} stored files are`;
  return first === undefined ? `${files} damaged.` : `${files} damaged: ${first.message}.`;
}
