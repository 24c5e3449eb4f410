import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseRuleFile } from '@plimsoll/rules';
import { expect, it } from 'vitest';

const docs = path.resolve(import.meta.dirname, '../../../../docs');

it('the rules in the operations notes are valid, and ask for metrics that exist', async () => {
  const page = await readFile(path.join(docs, 'storage/operations.md'), 'utf8');
  const known = await readFile(path.join(docs, 'reference/metrics.md'), 'utf8');
  const [, yaml = ''] = /```yaml\n(groups:[\s\S]*?)```/.exec(page) ?? [];
  const { groups, problems } = parseRuleFile('operations.md', yaml);
  expect(problems).toEqual([]);
  expect(groups.flatMap(({ rules }) => rules).length).toBeGreaterThan(5);
  const named = new Set(yaml.match(/\bplimsoll_\w+/g));
  for (const name of named) expect(known).toContain(`| \`${name}\` |`);
  const alerts = [...yaml.matchAll(/alert: (\w+)/g)].map(([, alert = '']) => alert);
  const [, advice = ''] = page.split('## What to do');
  for (const alert of alerts) expect(advice).toContain(alert);
});
