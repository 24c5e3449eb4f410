import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isHostScoped } from './host-scope.ts';
import { shippedPacks } from './packs.ts';
import { parseRuleFile } from './parse-rule-file.ts';
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
});
