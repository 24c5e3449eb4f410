/** Runs with the arguments behind its name; answers the exit code. */
type Command = (args: readonly string[]) => Promise<number>;

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Loaded only when the command runs, so that help and clients start fast. */
  readonly load: () => Promise<Command>;
}

/** Every command, in the order help lists them. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'start',
    summary: 'Run a collector and the agent of this host',
    load: async () => (await import('./commands/start.ts')).startCommand,
  },
  {
    name: 'collector',
    summary: 'Run a collector',
    load: async () => (await import('./commands/collector.ts')).collectorCommand,
  },
  {
    name: 'agent',
    summary: 'Collect this host and stream to a collector',
    load: async () => (await import('./commands/agent.ts')).agentCommand,
  },
  {
    name: 'fleet',
    summary: 'Run simulated hosts against a collector',
    load: async () => (await import('./commands/fleet.ts')).fleetCommand,
  },
  {
    name: 'query',
    summary: 'Evaluate a PromQL expression, now or over a time range',
    load: async () => (await import('./commands/query.ts')).queryCommand,
  },
  {
    name: 'check',
    summary: 'Check configuration, rule or service files',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  {
    name: 'test',
    summary: 'Run PromQL test files or unit tests of rules',
    load: async () => (await import('./commands/test.ts')).testCommand,
  },
  {
    name: 'incident',
    summary: 'List, show and work on incidents',
    load: async () => (await import('./commands/incident.ts')).incidentCommand,
  },
  {
    name: 'problem',
    summary: 'List and show problems',
    load: async () => (await import('./commands/problem.ts')).problemCommand,
  },
  {
    name: 'service',
    summary: 'List and show services',
    load: async () => (await import('./commands/service.ts')).serviceCommand,
  },
  {
    name: 'forecast',
    summary: 'Forecast the series of a file',
    load: async () => (await import('./commands/forecast.ts')).forecastCommand,
  },
  {
    name: 'storage',
    summary: 'Copy telemetry between stores and servers, export it to files',
    load: async () => (await import('./commands/storage.ts')).storageCommand,
  },
  {
    name: 'backup',
    summary: 'Copy all data, as of one moment, while the collector runs',
    load: async () => (await import('./commands/backup.ts')).backupCommand,
  },
  {
    name: 'restore',
    summary: 'Make a storage path from a backup',
    load: async () => (await import('./commands/restore.ts')).restoreCommand,
  },
  {
    name: 'verify',
    summary: 'Verify journal and telemetry, or a backup, byte by byte',
    load: async () => (await import('./commands/verify.ts')).verifyCommand,
  },
  {
    name: 'token',
    summary: 'Print the local admin token',
    load: async () => (await import('./commands/token.ts')).tokenCommand,
  },
  {
    name: 'version',
    summary: 'Print the version',
    load: async () => (await import('./commands/version.ts')).versionCommand,
  },
];
