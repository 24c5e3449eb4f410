const CONTENTS: readonly (readonly [beginning: string, what: string])[] = [
  ['telemetry/days/', 'the samples of that day'],
  ['telemetry/rollups/', 'what is left of samples of that time'],
  ['telemetry/blocks/', 'samples of the window that its name begins with'],
  ['telemetry/log/', 'the latest samples before the cut'],
  ['telemetry/queue/', 'samples that were still to be forwarded'],
  ['telemetry/index.db', 'label sets, metadata and received ranges: all series'],
  ['telemetry/store.json', 'which data this is'],
  ['desk/', 'incidents, problems and their proof'],
  ['hosts.sqlite', 'known agents and their keys'],
  ['silences.sqlite', 'silences'],
  ['notifications.sqlite', 'messages that wait to be sent'],
  ['configuration/', 'a configuration file kept for reading'],
];

/** What a file of a storage path or of a backup holds, for people. */
export function contentOf(file: string): string {
  return CONTENTS.find(([beginning]) => file.startsWith(beginning))?.[1] ?? 'the whole file';
}
