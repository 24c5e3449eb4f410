import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { getJson, repository, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const directory = path.resolve(repository, '../shared/conformance/rules');
const present = existsSync(directory);
if (!present) console.warn(`the rules of others are not loaded: there is no ${directory}`);

interface RulesAnswer {
  readonly data: {
    readonly groups: readonly {
      readonly name: string;
      readonly file: string;
      readonly lastEvaluation: string;
      readonly rules: readonly {
        readonly name: string;
        readonly health: string;
        readonly lastError?: string;
      }[];
    }[];
  };
}

/** Evaluations each group has to get through. */
const EVALUATIONS = 3;

describe.skipIf(!present)("rule files of others on this host's data", () => {
  it('load, and evaluate without an error', async () => {
    const files = (await readdir(directory))
      .filter((file) => file.endsWith('.yml'))
      .map((file) => path.join(directory, file));
    await using program = await startProgram({
      args: ['--agent.collect.interval', '1s'],
      config: [
        'global: {evaluation_interval: 1s}',
        'shippedRules: false',
        `rule_files: ${JSON.stringify(files)}`,
        '',
      ].join('\n'),
    });
    const groupsNow = async (): Promise<RulesAnswer['data']['groups']> =>
      (await getJson<RulesAnswer>(`${program.web}/api/v1/rules`)).data.groups;
    await waitFor("the host's samples", async () => {
      const answer = await getJson<{ data: { result: unknown[] } }>(
        `${program.web}/api/v1/query?query=node_load1`,
      );
      return answer.data.result.length > 0;
    });
    const evaluatedAt = new Map<string, Set<string>>();
    const groups = await waitFor(
      `${EVALUATIONS} evaluations of each group`,
      async () => {
        const current = await groupsNow();
        for (const { file, name, lastEvaluation } of current) {
          const times = evaluatedAt.get(`${file} ${name}`) ?? new Set();
          evaluatedAt.set(`${file} ${name}`, times.add(lastEvaluation));
        }
        return [...evaluatedAt.values()].every(({ size }) => size > EVALUATIONS) && current;
      },
      60_000,
    );
    expect(new Set(groups.map(({ file }) => file))).toEqual(new Set(files));
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(files.length);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
  });
});
