import { globSync } from 'node:fs';
import path from 'node:path';
import type { CollectorConfig } from '../config/config.ts';

/** The configuration file and the rule and service files it names, absolute, each once. */
export function configurationFiles({ configFile, file }: CollectorConfig): string[] {
  const directory = configFile === null ? process.cwd() : path.dirname(configFile);
  const named = [...file.ruleFiles, ...file.serviceFiles].flatMap((pattern) =>
    globSync(pattern, { cwd: directory }).toSorted(),
  );
  const all = [...(configFile === null ? [] : [path.resolve(configFile)]), ...named];
  return [...new Set(all.map((name) => path.resolve(directory, name)))];
}
