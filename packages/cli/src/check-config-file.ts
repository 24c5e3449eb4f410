import { readFile } from 'node:fs/promises';
import { checkConfig } from '@plimsoll/collector';

/** Checks a configuration file, its secret files included. Throws with every fault by line. */
export async function checkConfigFile(file: string): Promise<string> {
  const config = await checkConfig(file, {
    env: process.env,
    readFile: (name) => readFile(name, 'utf8'),
  });
  const { ruleFiles, serviceFiles, notifications } = config.file;
  return `valid; ${ruleFiles.length} rule_files, ${serviceFiles.length} service_files, ${notifications.channels.length} channels`;
}
