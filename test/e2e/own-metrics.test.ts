import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { long } from '../support/budget.ts';
import { getJson, repository, runProgram, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

interface Items<Item> {
  readonly items: readonly Item[];
}

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-own-'));
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

// A minute passes before the collector stores its own metrics.
it.skipIf(!long)('a rule about backups, as the documents have it, opens an incident by itself', async () => {
  const page = await readFile(path.join(repository, 'docs/storage/operations.md'), 'utf8');
  const [, rules = ''] = /```yaml\n(groups:[\s\S]*?)```/.exec(page) ?? [];
  const soon = rules.replace('26 * 3600', '5').replace('interval: 1m', 'interval: 5s');
  const file = path.join(directory, 'monitor.yml');
  await writeFile(file, soon);
  const storagePath = path.join(directory, 'data');
  await using program = await startProgram({
    command: 'start',
    storagePath,
    config: `rule_files: [${file}]\nshippedRules: false\n`,
  });
  const backup = await runProgram(['backup', path.join(directory, 'backup'), '--storage.path', storagePath]);
  expect(backup, backup.stderr).toMatchObject({ code: 0 });
  const api = `${program.web}/api/plimsoll/v1`;
  const titles = async (): Promise<string[]> =>
    (await getJson<Items<{ title: string }>>(`${api}/incidents`)).items.map(({ title }) => title);
  await waitFor('the incident', async () => (await titles()).length > 0, 120_000);
  expect(await titles()).toEqual([expect.stringMatching(/^The last backup of Plimsoll is .* old$/)]);
  const { items: hosts } = await getJson<Items<{ instance: string }>>(`${api}/hosts`);
  expect(hosts).toHaveLength(1);
  const up = await getJson<{ data: { result: { metric: Record<string, string> }[] } }>(
    `${program.web}/api/v1/query?query=up`,
  );
  expect(up.data.result.map(({ metric }) => metric['job'])).toEqual(['node']);
});
