export { PlimsollError } from './errors.ts';
export { checkConfig } from './config/check-config.ts';
export { collectorFlags } from './config/collector-flags.ts';
export { configToYaml, describeConfig, flagValues } from './config/describe-config.ts';
export { type ConfigSources, type LoadedConfig, loadConfig } from './config/load-config.ts';
