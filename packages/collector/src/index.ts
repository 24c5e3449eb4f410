export { PlimsollError } from './errors.ts';
export type { BackupJson } from './api/plimsoll/backup-routes.ts';
export { backUpOffline } from './backup/back-up-offline.ts';
export { restoreBackup } from './backup/restore-backup.ts';
export { checkConfig } from './config/check-config.ts';
export { collectorFlags } from './config/collector-flags.ts';
export { configReference, type ReferencedSetting } from './config/config-reference.ts';
export { configToYaml, describeConfig, flagValues } from './config/describe-config.ts';
export { type ConfigSources, type LoadedConfig, loadConfig } from './config/load-config.ts';
export type { FlagValue } from './config/flag-definition.ts';
export type { Runtime } from './runtime.ts';
export { type Collector, type CollectorOptions, startCollector } from './start-collector.ts';
export { loadCatalogue } from './catalogue/load-catalogue.ts';
export { type JournalVerification, verifyJournal } from './desk/journal/verify-journal.ts';
export type { IncidentJson } from './desk/json/incident.ts';
export type { ProblemJson } from './desk/json/problem.ts';
export type { ServiceJson } from './desk/json/service.ts';
export { loadDefinitions } from './startup/load-definitions.ts';
export {
  type CopyOptions,
  type CopyReport,
  copyTelemetry,
  type TransferStep,
} from './transfer/copy-telemetry.ts';
