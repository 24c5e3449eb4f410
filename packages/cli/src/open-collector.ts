import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Collector,
  describeConfig,
  type FlagValue,
  loadConfig,
  type LoadedConfig,
  type Runtime,
  startCollector,
} from '@plimsoll/collector';
import { pino } from 'pino';
import { Registry } from 'prom-client';

/** A collector running in this process, and what the command needs beside it. */
export interface OpenedCollector {
  readonly collector: Collector;
  readonly config: LoadedConfig;
  readonly runtime: Runtime;
}

async function configOf(flags: Readonly<Record<string, FlagValue>>): Promise<LoadedConfig> {
  return loadConfig({ flags, env: process.env, readFile: async (file) => readFile(file, 'utf8') });
}

/** Starts the collector that these flags describe. */
export async function openCollector(flags: Readonly<Record<string, FlagValue>>): Promise<OpenedCollector> {
  const config = await configOf(flags);
  const runtime: Runtime = {
    now: Date.now,
    log: pino({ level: config.logLevel, base: null }),
    metrics: new Registry(),
  };
  const collector = await startCollector({
    config,
    reloadConfig: async () => configOf(flags),
    runtime,
    // The bundle lies in out/, the built UI in out/web; from the sources the way is the same.
    webDirectory: path.resolve(
      import.meta.dirname,
      import.meta.filename.endsWith('.ts') ? '../../../out/web' : 'web',
    ),
  });
  return { collector, config, runtime };
}

/** Each setting with its value and source, for `--print-config`. */
export async function printConfig(flags: Readonly<Record<string, FlagValue>>): Promise<void> {
  for (const { name, value, source } of describeConfig(await configOf(flags)))
    console.log(`${name}=${value}  # ${source}`);
}

/** Writes the bound addresses down for the other commands, and prints the ready line. */
export async function announce(
  storagePath: string,
  addresses: { web: string; grpc: string; agent?: string },
): Promise<void> {
  const file = path.join(storagePath, 'addresses.json');
  await writeFile(`${file}.new`, `${JSON.stringify({ ...addresses, pid: process.pid })}\n`);
  await rename(`${file}.new`, file);
  const agent = addresses.agent === undefined ? '' : ` agent=${addresses.agent}`;
  process.stdout.write(`plimsoll ready web=${addresses.web} grpc=${addresses.grpc}${agent}\n`);
}
