import { describeConfig } from '../config/describe-config.ts';
import type { LoadedConfig } from '../config/load-config.ts';

/** What the store, the agents' server and the rule engine are opened with; all else a reload replaces. */
const READ_AT_START = /^(?:global\.|storage\.(?!maxFuture$)|ingest\.(?:maxMessageSize|maxSeriesTotal)$)/;

/** The settings of a reloaded file that differ from those in force until the next start. */
export function needsRestart(started: LoadedConfig, reloaded: LoadedConfig): string[] {
  const before = valuesOf(started);
  const after = valuesOf(reloaded);
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => READ_AT_START.test(name) && before.get(name) !== after.get(name));
}

function valuesOf(config: LoadedConfig): Map<string, string> {
  return new Map(describeConfig(config).map(({ name, value }) => [name, value]));
}
