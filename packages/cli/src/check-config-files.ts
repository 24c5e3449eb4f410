import { readFile } from 'node:fs/promises';
import { checkConfig } from '@plimsoll/collector';
import type { FileCheck } from './file-check.ts';

/** Checks configuration files, the secret files they name included. */
export const checkConfigFiles: FileCheck = async (files) => {
  const lines: string[] = [];
  const faults: string[] = [];
  for (const file of files) {
    try {
      const { file: settings } = await checkConfig(file, {
        env: process.env,
        readFile: (name) => readFile(name, 'utf8'),
      });
      const { ruleFiles, serviceFiles, notifications } = settings;
      lines.push(
        `${file}: valid; ${ruleFiles.length} rule_files, ${serviceFiles.length} service_files, ` +
          `${notifications.channels.length} channels`,
      );
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { lines, faults };
};
