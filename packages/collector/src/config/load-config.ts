import path from 'node:path';
import { PlimsollError } from '../errors.ts';
import type { AlertmanagerTarget, CollectorConfig, FileConfig, LongTermConfig } from './config.ts';
import type { ConfigFile } from './file-schema.ts';
import type { FlagValue } from './flag-definition.ts';
import { parseConfigFile, type ParsedConfigFile } from './parse-config-file.ts';
import { readChannels } from './read-channels.ts';
import { readLongTerm } from './read-long-term.ts';
import { type QueryConfig, readFlags } from './read-flags.ts';

export interface ConfigSources {
  /** Flags that were given, by name without dashes. */
  readonly flags: Readonly<Record<string, FlagValue>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (file: string) => Promise<string>;
}

/** The merged configuration, with what the pages about it need. */
export interface LoadedConfig extends CollectorConfig {
  readonly query: QueryConfig;
  readonly parsedFile: ParsedConfigFile;
  readonly givenFlags: Readonly<Record<string, FlagValue>>;
}

/**
 * Merges flags, file and defaults. Throws `invalid_argument` (exit 2) for a flag's value that does not fit, and
 * `configuration` (exit 78) with every fault of the file and its place.
 */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const flags = readFlags(sources.flags);
  const parsedFile = await readConfigFile(flags.configFile, sources.readFile);
  const directory = flags.configFile === null ? '.' : path.dirname(flags.configFile);
  const secrets = {
    env: sources.env,
    readFile: (file: string) => sources.readFile(path.resolve(directory, file)),
  };
  const channels = await readChannels(parsedFile.settings.notifications.channels, secrets);
  const longTerm = await readLongTerm(parsedFile.settings.storage, secrets);
  return {
    ...flags,
    file: toFileConfig(parsedFile.settings, channels, longTerm),
    parsedFile,
    givenFlags: sources.flags,
  };
}

async function readConfigFile(
  file: string | null,
  readFile: ConfigSources['readFile'],
): Promise<ParsedConfigFile> {
  if (file === null) return parseConfigFile('defaults', '');
  let text: string;
  try {
    text = await readFile(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlimsollError('configuration', `--config.file: cannot read ${file}: ${reason}`, {
      cause: error,
    });
  }
  return parseConfigFile(file, text);
}

function toFileConfig(
  settings: ConfigFile,
  channels: FileConfig['notifications']['channels'],
  longTerm: LongTermConfig | null,
): FileConfig {
  const { global, storage, ingest, desk } = settings;
  const { maxMessageSize, ...limits } = ingest;
  return {
    global: {
      evaluationIntervalMs: global.evaluation_interval,
      externalLabels: global.external_labels,
    },
    ruleFiles: settings.rule_files,
    shippedRules: settings.shippedRules,
    serviceFiles: settings.service_files,
    storage: {
      commitIntervalMs: storage.commitInterval,
      retentionTimeMs: storage.retention.time,
      retentionSizeBytes: storage.retention.size,
      rollupRetentionMs: storage.retention.rollups,
      freeSpaceReserveBytes: storage.freeSpaceReserve,
      maxFutureMs: storage.maxFuture,
      outOfOrderWindowMs: storage.tsdb.out_of_order_time_window,
      longTerm,
    },
    ingest: { ...limits, maxMessageBytes: maxMessageSize },
    desk: {
      reopenGraceMs: desk.reopenGrace,
      problemOccurrences: desk.problemOccurrences,
      problemWindowMs: desk.problemWindow,
      closeAfterMs: desk.closeAfter,
    },
    notifications: { channels },
    alerting: { alertmanagers: settings.alerting.alertmanagers.flatMap(toTargets) },
  };
}

/** Each target once, however often it is written. */
function toTargets({
  scheme,
  path_prefix: prefix,
  timeout,
  static_configs: groups,
}: ConfigFile['alerting']['alertmanagers'][number]): AlertmanagerTarget[] {
  const hosts = new Set(groups.flatMap(({ targets }) => targets));
  const base = prefix.replace(/^\/+|\/+$/g, '');
  return Array.from(hosts, (host) => ({
    url: `${scheme}://${host}/${base === '' ? '' : `${base}/`}api/v2/alerts`,
    timeoutMs: timeout,
  }));
}
