import { readFile } from 'node:fs/promises';
import { checkConfig, loadDefinitions } from '@plimsoll/collector';
import type { FileCheck } from './file-check.ts';

/** Checks configuration files as a start reads them, with the secret, rule and service files they name. */
export const checkConfigFiles: FileCheck = async (files) => {
  const lines: string[] = [];
  const faults: string[] = [];
  for (const file of files) {
    try {
      const config = await checkConfig(file, {
        env: process.env,
        readFile: (name) => readFile(name, 'utf8'),
      });
      const { ruleGroups, catalogue } = await loadDefinitions(config);
      lines.push(
        `${file}: valid; ${ruleGroups.length} rule groups and ${catalogue.services.length} services, ` +
          `the shipped ones included, ${config.file.notifications.channels.length} channels`,
      );
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { lines, faults };
};
