import { type ConfigSources, loadConfig, type LoadedConfig } from './load-config.ts';

/** Reads a configuration file as a start would, secrets included. Throws `configuration` with every fault. */
export function checkConfig(file: string, sources: Omit<ConfigSources, 'flags'>): Promise<LoadedConfig> {
  return loadConfig({ ...sources, flags: { 'config.file': file } });
}
