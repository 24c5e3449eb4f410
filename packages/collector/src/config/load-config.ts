import path from 'node:path';
import { PlimsollError } from '../errors.ts';
import { isLoopbackHost, parseListenAddress } from '../security/listen-address.ts';
import { collectorFlags } from './collector-flags.ts';
import type { CollectorConfig, FileConfig } from './config.ts';
import type { ConfigFile } from './file-schema.ts';
import { parseConfigFile, type ParsedConfigFile } from './parse-config-file.ts';
import { readChannels } from './read-channels.ts';
import { readDuration } from './units.ts';

export interface ConfigSources {
  /** Flags that were given, by name without dashes; a boolean is 'true' or 'false'. */
  readonly flags: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (file: string) => Promise<string>;
}

/** The merged configuration, with what the pages about it need. */
export interface LoadedConfig extends CollectorConfig {
  readonly query: {
    readonly timeoutMs: number;
    readonly lookbackDeltaMs: number;
    readonly maxSamples: number;
  };
  readonly parsedFile: ParsedConfigFile;
  /** Every flag's value as text. */
  readonly flags: Readonly<Record<string, string>>;
  readonly givenFlags: ReadonlySet<string>;
}

/** Merges flags, file and defaults. Throws `configuration` (exit 78) with every fault and its place. */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const flags = Object.fromEntries(
    collectorFlags.map(({ name, default: fallback }) => [name, sources.flags[name] ?? fallback]),
  );
  const value = (name: string): string => flags[name] ?? '';
  const configFile = value('config.file') === '' ? null : value('config.file');
  const parsedFile = await readConfigFile(configFile, sources.readFile);
  const directory = configFile === null ? '.' : path.dirname(configFile);
  for (const name of ['web.listen-address', 'grpc.listen-address']) parseListenAddress(value(name), name);
  return {
    storagePath: value('storage.path'),
    configFile,
    webListenAddress: value('web.listen-address'),
    webExternalUrl: readExternalUrl(value('web.external-url')),
    grpcListenAddress: value('grpc.listen-address'),
    insecure: value('insecure') === 'true',
    logLevel: value('log.level') as CollectorConfig['logLevel'],
    query: {
      timeoutMs: readDuration(value('query.timeout')) ?? 120_000,
      lookbackDeltaMs: readDuration(value('query.lookback-delta')) ?? 300_000,
      maxSamples: Number(value('query.max-samples')),
    },
    file: toFileConfig(
      parsedFile.settings,
      await readChannels(parsedFile.settings.notifications.channels, {
        env: sources.env,
        readFile: (file) => sources.readFile(path.resolve(directory, file)),
      }),
    ),
    parsedFile,
    flags,
    givenFlags: new Set(Object.keys(sources.flags)),
  };
}

/** Whether other machines can reach an address the configuration names. */
export function isExposed(config: Pick<CollectorConfig, 'webListenAddress' | 'grpcListenAddress'>): boolean {
  return [config.webListenAddress, config.grpcListenAddress].some(
    (address) => !isLoopbackHost(parseListenAddress(address, 'listen-address').host),
  );
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

function readExternalUrl(text: string): string | null {
  if (text === '') return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new PlimsollError('configuration', `--web.external-url: "${text}" is no http or https URL`);
  }
  return url.href;
}

function toFileConfig(settings: ConfigFile, channels: FileConfig['notifications']['channels']): FileConfig {
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
      freeSpaceReserveBytes: storage.freeSpaceReserve,
      maxFutureMs: storage.maxFuture,
      outOfOrderWindowMs: storage.tsdb.out_of_order_time_window,
    },
    ingest: { ...limits, maxMessageBytes: maxMessageSize },
    desk: {
      reopenGraceMs: desk.reopenGrace,
      problemOccurrences: desk.problemOccurrences,
      problemWindowMs: desk.problemWindow,
      closeAfterMs: desk.closeAfter,
    },
    notifications: { channels },
  };
}
