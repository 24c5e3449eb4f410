import type { HostPaths } from './collect/collector.ts';
import type { LogLevel } from './log.ts';

/** Everything an agent process is told at its start; plain data, so that it can be handed to a child process. */
export interface AgentOptions {
  /** `host:port` of the collector. */
  readonly collectorAddress: string;
  readonly collectIntervalMs: number;
  /** Directory of the spool and of the agent's identity. */
  readonly spoolPath: string;
  readonly spoolMaxBytes: number;
  /** `host:port` of the agent's own page; port 0 lets the system choose. */
  readonly webListenAddress: string;
  readonly instance: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the collectors to run, in order. */
  readonly collectors: readonly string[];
  readonly textfileDirectories: readonly string[];
  readonly paths: HostPaths;
  readonly logLevel: LogLevel;
  readonly agentVersion: string;
}
