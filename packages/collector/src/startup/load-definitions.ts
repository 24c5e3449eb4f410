import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { formatProblem, parseRuleFile, type RuleGroup, shippedPacks } from '@plimsoll/rules';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { loadCatalogue } from '../catalogue/load-catalogue.ts';
import type { CollectorConfig } from '../config/config.ts';
import { PlimsollError } from '../errors.ts';

/** What the files named in the configuration define: taken as a whole or not at all. */
export interface Definitions {
  readonly ruleGroups: readonly RuleGroup[];
  readonly catalogue: Catalogue;
}

type FileSettings = Pick<CollectorConfig, 'configFile' | 'file'>;

/** @throws PlimsollError('configuration') naming every fault in every file, by file and line. */
export async function loadDefinitions(config: FileSettings): Promise<Definitions> {
  const { ruleFiles, serviceFiles, shippedRules } = config.file;
  const rules = await readAll(config, ruleFiles, 'rule_files');
  const services = await readAll(config, serviceFiles, 'service_files');
  const packs = shippedRules
    ? shippedPacks.map(({ file, contents }) => ({ path: file, text: contents }))
    : [];
  const parsed = [...packs, ...rules].map((file) => parseRuleFile(file.path, file.text));
  const { catalogue, errors } = loadCatalogue(services);
  const faults = [...parsed.flatMap(({ problems }) => problems.map(formatProblem)), ...errors.map(String)];
  if (faults.length > 0) throw new PlimsollError('configuration', faults.join('\n'));
  return { ruleGroups: parsed.flatMap(({ groups }) => groups), catalogue };
}

/** Globs are relative to the configuration file. A pattern without a wildcard must name a file that exists. */
async function readAll(
  config: FileSettings,
  patterns: readonly string[],
  key: string,
): Promise<{ path: string; text: string }[]> {
  const directory = config.configFile === null ? process.cwd() : path.dirname(config.configFile);
  const files = patterns.flatMap((pattern) => {
    const found = globSync(pattern, { cwd: directory }).toSorted();
    if (found.length === 0 && !/[*?[{]/.test(pattern)) {
      throw new PlimsollError(
        'configuration',
        `${config.configFile}: ${key}: there is no file ${pattern} in ${directory}`,
      );
    }
    return found.map((file) => path.resolve(directory, file));
  });
  return Promise.all(
    [...new Set(files)].map(async (file) => {
      try {
        return { path: file, text: await readFile(file, 'utf8') };
      } catch (error) {
        throw new PlimsollError(
          'configuration',
          `${key}: cannot read ${file}: ${PlimsollError.from(error).message}`,
          {
            cause: error,
          },
        );
      }
    }),
  );
}
