import { stringify } from 'yaml';
import { collectorFlags } from './collector-flags.ts';
import type { LoadedConfig } from './load-config.ts';

/** One setting with where it comes from. */
export interface DescribedSetting {
  readonly name: string;
  readonly value: string;
  readonly source: string;
}

/** A webhook's URL often carries a token, so it is a secret; file names of secrets are not. */
const SECRET_KEYS = new Set(['url']);
const REDACTED = '<redacted>';

/** Every setting with its source: a flag, a line of the file, or the default. Secrets are redacted. */
export function describeConfig(config: LoadedConfig): DescribedSetting[] {
  const flags = flagValues(config);
  const fromFlags = collectorFlags.map(({ name }) => ({
    name: `--${name}`,
    value: flags[name] ?? '',
    source: name in config.givenFlags ? 'flag' : 'default',
  }));
  const settings = leaves(redact(config.parsedFile.written)).map(({ path, value }) => {
    const line = config.parsedFile.lineOf(path);
    return {
      name: path.map(String).join('.'),
      value,
      source: line === null ? 'default' : `${config.configFile}:${line}`,
    };
  });
  return [...fromFlags, ...settings];
}

/** Every flag's value as text, by name. */
export function flagValues(config: LoadedConfig): Record<string, string> {
  return Object.fromEntries(
    collectorFlags.map((flag) => [flag.name, String(config.givenFlags[flag.name] ?? flag.default)]),
  );
}

/** The configuration in force as YAML, defaults filled in and secrets redacted. */
export function configToYaml(config: LoadedConfig): string {
  return stringify(redact(config.parsedFile.written));
}

function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, SECRET_KEYS.has(key) ? REDACTED : redact(inner)]),
  );
}

function leaves(
  value: unknown,
  path: readonly (string | number)[] = [],
): { path: readonly (string | number)[]; value: string }[] {
  if (typeof value !== 'object' || value === null) return [{ path, value: String(value) }];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  if (entries.length === 0) return [{ path, value: Array.isArray(value) ? '[]' : '{}' }];
  return entries.flatMap(([key, inner]) => leaves(inner, [...path, key]));
}
