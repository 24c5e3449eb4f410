import { hostname } from 'node:os';
import path from 'node:path';
import { linuxCollectors } from './collect/registry.ts';
import { MAX_COLLECT_INTERVAL_MS, MIN_COLLECT_INTERVAL_MS, MIN_SPOOL_BYTES } from './limits.ts';
import type { AgentOptions } from './options.ts';

export type FlagValue = string | boolean | readonly string[];

/** One flag of `plimsoll agent`, as data: parsing, help and the reference are made from it. */
export interface AgentFlag {
  /** Without the leading dashes. A switch `x` is also written `--no-x`; a list may be repeated. */
  readonly name: string;
  readonly kind: 'text' | 'switch' | 'list';
  /** What the value is, for help: `DURATION`, `HOST:PORT`. Empty for a switch. */
  readonly placeholder: string;
  readonly default: FlagValue;
  readonly help: string;
}

/** A flag has a value it cannot have: exit code 2. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

/** The collectors of every platform, all on by default. */
export const collectorNames: readonly string[] = Object.keys(linuxCollectors);

export const agentFlags: readonly AgentFlag[] = [
  text('collector.address', 'HOST:PORT', '127.0.0.1:9721', 'Where the collector takes telemetry in.'),
  text('collect.interval', 'DURATION', '10s', 'Time between collections.'),
  text(
    'spool.path',
    'DIRECTORY',
    './data/agent',
    'Where frames wait until acknowledged, and the identity is kept.',
  ),
  text('spool.max-size', 'SIZE', '256MiB', 'Limit of the spool; at the limit the oldest frames are dropped.'),
  text(
    'web.listen-address',
    'HOST:PORT',
    '127.0.0.1:9722',
    "Address of the agent's own page; port 0 is chosen.",
  ),
  text('instance', 'NAME', '', "The host's unique name, the label instance. Empty: the host name."),
  list('label', 'NAME=VALUE', [], 'A label for every series of this host, such as env=prod. Repeatable.'),
  list('collector.textfile.directory', 'DIRECTORY', [], 'Directory of *.prom files to collect. Repeatable.'),
  text('path.procfs', 'DIRECTORY', '/proc', 'Where the host has procfs.'),
  text('path.sysfs', 'DIRECTORY', '/sys', 'Where the host has sysfs.'),
  text('path.rootfs', 'DIRECTORY', '/', "The host's root directory."),
  text('path.udev.data', 'DIRECTORY', '/run/udev/data', 'Where udev keeps what it knows of devices.'),
  text('log.level', 'LEVEL', 'info', 'debug, info, warn or error.'),
  ...collectorNames.map((name): AgentFlag => {
    const help = `Collect ${name}.`;
    return { name: `collector.${name}`, kind: 'switch', placeholder: '', default: true, help };
  }),
];

/**
 * The options of an agent from the values of its flags; a flag left out has its default.
 *
 * @throws FlagError naming the flag, its value and what it may be.
 */
export function readAgentFlags(
  values: Readonly<Record<string, FlagValue>>,
  agentVersion: string,
): AgentOptions {
  const read = (name: string): FlagValue => {
    const flag = agentFlags.find((candidate) => candidate.name === name);
    if (flag === undefined) throw new Error(`the agent has no flag ${name}`);
    return values[name] ?? flag.default;
  };
  const textOf = (name: string): string => String(read(name));
  const listOf = (name: string): readonly string[] => {
    const value = read(name);
    return Array.isArray(value) ? value : [String(value)];
  };
  return {
    collectorAddress: readAddress('collector.address', textOf('collector.address')),
    collectIntervalMs: readInterval(textOf('collect.interval')),
    spoolPath: path.resolve(textOf('spool.path')),
    spoolMaxBytes: readSize(textOf('spool.max-size')),
    webListenAddress: readAddress('web.listen-address', textOf('web.listen-address')),
    instance: textOf('instance') || hostname(),
    labels: readLabels(listOf('label')),
    collectors: collectorNames.filter((name) => read(`collector.${name}`) === true),
    textfileDirectories: listOf('collector.textfile.directory').map((directory) => path.resolve(directory)),
    paths: {
      procfs: trimSlash(textOf('path.procfs')),
      sysfs: trimSlash(textOf('path.sysfs')),
      rootfs: trimSlash(textOf('path.rootfs')),
      udevData: trimSlash(textOf('path.udev.data')),
    },
    logLevel: readLevel(textOf('log.level')),
    agentVersion,
  };
}

function text(name: string, placeholder: string, defaultValue: string, help: string): AgentFlag {
  return { name, kind: 'text', placeholder, default: defaultValue, help };
}

function list(name: string, placeholder: string, defaultValue: readonly string[], help: string): AgentFlag {
  return { name, kind: 'list', placeholder, default: defaultValue, help };
}

/** `host:port`, with brackets around an IPv6 address. */
function readAddress(flag: string, value: string): string {
  const [, port = ''] = /^(?:\[[0-9a-fA-F:.]+\]|[^:[\]\s/]+):(\d{1,5})$/.exec(value) ?? [];
  if (port !== '' && Number(port) <= 65_535) return value;
  throw new FlagError(`--${flag} "${value}": give HOST:PORT, such as 127.0.0.1:9721`);
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

function readInterval(value: string): number {
  const [, number = '', unit = ''] = /^(\d+)(ms|s|m)$/.exec(value) ?? [];
  const ms = Number(number) * (MS_PER_UNIT[unit] ?? Number.NaN);
  if (!(ms >= MIN_COLLECT_INTERVAL_MS && ms <= MAX_COLLECT_INTERVAL_MS)) {
    throw new FlagError(
      `--collect.interval "${value}": give a duration such as 10s, from ${MIN_COLLECT_INTERVAL_MS}ms to ${MAX_COLLECT_INTERVAL_MS / 60_000}m`,
    );
  }
  return ms;
}

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

function readSize(value: string): number {
  const [, number = '', unit = ''] = /^(\d+)([KMG]?i?B)$/.exec(value) ?? [];
  const bytes = Number(number) * (BYTES_PER_UNIT[unit] ?? Number.NaN);
  if (!(bytes >= MIN_SPOOL_BYTES)) {
    throw new FlagError(
      `--spool.max-size "${value}": give a size such as 256MiB, at least ${MIN_SPOOL_BYTES / 2 ** 20}MiB`,
    );
  }
  return bytes;
}

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function readLabels(pairs: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals));
    if (!LABEL_NAME.test(name) || name.startsWith('__')) {
      throw new FlagError(`--label "${pair}": give name=value, the name of letters, digits and underscores`);
    }
    if (name === 'job' || name === 'instance') {
      throw new FlagError(
        `--label "${pair}": ${name} is set by the collector; use --instance for the host's name`,
      );
    }
    labels[name] = pair.slice(equals + 1);
  }
  return labels;
}

function readLevel(value: string): AgentOptions['logLevel'] {
  if (value === 'debug' || value === 'info' || value === 'warn' || value === 'error') return value;
  throw new FlagError(`--log.level "${value}": give debug, info, warn or error`);
}

/** Paths are put together by appending: `/` itself becomes the empty prefix. */
function trimSlash(directory: string): string {
  return directory.replace(/\/+$/, '');
}
