import { PlimsollError } from '../errors.ts';
import { parseListenAddress } from '../security/listen-address.ts';
import { collectorFlags } from './collector-flags.ts';
import type { CollectorConfig } from './config.ts';
import type { FlagValue } from './flag-definition.ts';
import { readDuration } from './units.ts';

const LOG_LEVELS: readonly CollectorConfig['logLevel'][] = ['trace', 'debug', 'info', 'warn', 'error'];

/** The part of the configuration that flags give. */
export type FlagConfig = Omit<CollectorConfig, 'file'> & { readonly query: QueryConfig };

export interface QueryConfig {
  readonly timeoutMs: number;
  readonly lookbackDeltaMs: number;
  readonly maxSamples: number;
}

/** Reads the flags that were given over the defaults. Throws `invalid_argument` (exit 2) for a value that does not fit. */
export function readFlags(given: Readonly<Record<string, FlagValue>>): FlagConfig {
  const value = (name: string): string => {
    const flag = collectorFlags.find((candidate) => candidate.name === name);
    if (flag === undefined) throw new Error(`the collector has no flag ${name}`);
    return String(given[name] ?? flag.default);
  };
  const address = (name: string): string => {
    parseListenAddress(value(name), name);
    return value(name);
  };
  return {
    storagePath: value('storage.path'),
    configFile: value('config.file') || null,
    webListenAddress: address('web.listen-address'),
    webExternalUrl: readExternalUrl(value('web.external-url')),
    grpcListenAddress: address('grpc.listen-address'),
    insecure: value('insecure') === 'true',
    logLevel: readLogLevel(value('log.level')),
    query: {
      timeoutMs: readDurationFlag('query.timeout', value('query.timeout')),
      lookbackDeltaMs: readDurationFlag('query.lookback-delta', value('query.lookback-delta')),
      maxSamples: readCount('query.max-samples', value('query.max-samples')),
    },
  };
}

function refuse(flag: string, text: string, what: string): never {
  throw new PlimsollError('invalid_argument', `--${flag}: "${text}" is not ${what}`);
}

function readExternalUrl(text: string): string | null {
  if (text === '') return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return refuse('web.external-url', text, 'an http or https URL');
  }
  return url.href;
}

function readLogLevel(text: string): CollectorConfig['logLevel'] {
  return (
    LOG_LEVELS.find((level) => level === text) ?? refuse('log.level', text, `one of ${LOG_LEVELS.join(', ')}`)
  );
}

function readDurationFlag(flag: string, text: string): number {
  const durationMs = readDuration(text);
  return durationMs === null || durationMs <= 0
    ? refuse(flag, text, 'a duration such as 30s or 2m')
    : durationMs;
}

function readCount(flag: string, text: string): number {
  const count = Number(text);
  return Number.isSafeInteger(count) && count > 0 ? count : refuse(flag, text, 'a whole number above 0');
}
