import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isHostScoped } from './host-scope.ts';
import { shippedPacks } from './packs.ts';
import { parseRuleFile } from './parse-rule-file.ts';
import { runRuleTests } from './testing/run-rule-tests.ts';
import { thresholdOf } from './threshold.ts';

const folder = path.resolve(import.meta.dirname, '../packs');

describe('shipped packs', () => {
  it('are the YAML files of the packs folder', () => {
    const onDisk = shippedPacks.map(({ file }) =>
      readFileSync(path.join(folder, path.basename(file)), 'utf8'),
    );
    expect(shippedPacks.map(({ contents }) => contents)).toEqual(onDisk);
  });

  it('load without a problem, with the labels the desk needs', () => {
    for (const { file, contents } of shippedPacks) {
      const { groups, problems } = parseRuleFile(file, contents);
      expect(problems).toEqual([]);
      for (const rule of groups.flatMap((group) => group.rules)) {
        expect(rule.labels['severity']).toMatch(/^(critical|warning|info)$/);
        expect(rule.labels['category']).toMatch(/^(availability|capacity|performance)$/);
        expect(rule).toHaveProperty('annotations.summary');
        expect(rule).toHaveProperty('annotations.description');
        expect(rule).toHaveProperty('annotations.runbook');
      }
    }
  });

  it('never mix hosts and each compare with one threshold', () => {
    const rules = shippedPacks.flatMap(({ file, contents }) =>
      parseRuleFile(file, contents).groups.flatMap((group) => group.rules),
    );
    expect(rules.filter(({ expression }) => !isHostScoped(expression)).map(({ name }) => name)).toEqual([]);
    expect(
      rules.filter(({ expression }) => thresholdOf(expression) === null).map(({ name }) => name),
    ).toEqual([]);
  });

  it('fire when and as they should', async () => {
    const tests = path.join(folder, 'tests');
    const contents = readFileSync(path.join(tests, 'packs.yml'), 'utf8');
    const report = await runRuleTests('packs.yml', contents, async (pattern) => [
      { file: pattern, contents: readFileSync(path.join(tests, pattern), 'utf8') },
    ]);
    expect(report.problems).toEqual([]);
    expect(report.tests.flatMap(({ failures }) => failures)).toEqual([]);
    expect(report.tests.length).toBeGreaterThan(5);
  });
});
