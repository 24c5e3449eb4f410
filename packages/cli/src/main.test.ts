import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMANDS } from './commands.ts';
import { main } from './main.ts';

let directory: string;
let out: string[];
let errors: string[];
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-cli-'));
  out = [];
  errors = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void out.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void errors.push(text));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true });
});

async function file(name: string, text: string): Promise<string> {
  const where = path.join(directory, name);
  await writeFile(where, text);
  return where;
}

describe('main', () => {
  it.each([[[]], [['--help']], [['help']], [['-h']]])('lists the commands for %o', async (args) => {
    expect(await main(args)).toBe(0);
    expect(out.join('\n')).toMatch(/query .*\n.*check/);
  });

  it.each(COMMANDS.map(({ name }) => name))('%s has --help', async (name) => {
    expect(await main([name, '--help'])).toBe(0);
    expect(out.join('\n')).toContain(`Usage: plimsoll ${name}`);
  });

  it.each([
    [['incidnet'], 'did you mean "incident"?'],
    [['incident', 'acknowlege', '1'], 'did you mean "acknowledge"?'],
    [['query', 'up', '--outptu=json'], 'did you mean --output?'],
    [['query', 'up', '--output'], '--output needs a value'],
    [['query', 'up', '--output=xml', '--web.url=http://127.0.0.1:1'], ''],
    [['query'], 'EXPR missing'],
    [['query', 'a', '--start=yesterday', '--web.url=http://127.0.0.1:1'], '"yesterday" is no time'],
    [['query', 'a', '--end=5m', '--web.url=http://127.0.0.1:1'], 'give --start too'],
    [['query', 'a', '--web.url=localhost:9720'], 'is no address: write it like http://127.0.0.1:9720'],
    [['query', 'a', 'b'], 'quote the expression'],
    [['query', 'a', '--time=1', '--start=1'], '--time is for an instant'],
    [['incident', 'assign', '1'], 'PERSON missing'],
    [['incident', 'note', '1', 'two', 'words'], 'quote a text of several words'],
    [['incident', 'open', 'x'], '--service is required: the service it is about; `plimsoll service list`'],
    [['incident', 'open', ' ', '--service=a'], 'the title is empty'],
    [['incident', 'open', 'x', '--service=a', '--severity=bad'], 'not one of: critical, warning, info'],
    [['incident', 'hold', '1', 'x'], '--reason is required'],
    [['incident', 'hold', '1', 'x', '--reason=weather'], 'not one of: caller, change, problem, vendor'],
    [['incident', 'reopen', '1'], '--note is required'],
    [['incident', 'list', '--state=odd'], 'not one of: open, all, new, '],
    [['start', '--agent.collect.interval=10'], 'start: --agent.collect.interval "10": give a duration'],
    [['start', '--agent.label=job=x'], 'use --agent.instance'],
    [['incident', 'list', '--limit=x'], '--limit "x": give a whole number'],
    [['storage', 'copy', '--from=data', '--to=127.0.0.1:8428'], 'write http://127.0.0.1:8428 for the server'],
    [['storage', 'export', '--from=prometheus:9090', '--output=x'], 'write http://prometheus:9090 for the'],
    [['storage', 'export', '--from=data', '--output=/'], '/ is a directory: name a file in it'],
    [['check', 'rulez', 'x'], 'valid: config, rules, services'],
    [['check', 'rules'], 'FILE missing'],
  ])('%o is refused as usage', async (args, hint) => {
    expect(await main(args)).toBe(2);
    expect(errors.join('\n')).toContain(hint);
  });

  it('takes "help query" as "query --help"', async () => {
    await main(['help', 'query']);
    await main(['query', '--help']);
    expect(out).toHaveLength(2);
    expect(out[0]).toBe(out[1]);
  });

  it.each([
    [['test', 'rules', '/none/a.yml'], 'there is no file /none/a.yml'],
    [['test', 'promql', '/none/a.test'], 'there is no file /none/a.test'],
    [['verify', '--storage.path=/none'], 'there is no journal in /none'],
    [['forecast', '/none/a.json'], 'there is no file /none/a.json'],
    [['query', 'up', '--storage.path=/none'], 'no collector was ever started with --storage.path=/none'],
    [['check', 'rules', '/'], '/ is a directory'],
  ])('%o says in words what is missing', async (args, words) => {
    expect([1, 78]).toContain(await main(args));
    expect([...out, ...errors].join('\n')).toContain(words);
    expect([...out, ...errors].join('\n')).not.toContain('ENOENT');
  });

  it('fails with one line when no collector answers', async () => {
    expect(await main(['query', 'up', '--web.url=http://127.0.0.1:1'])).toBe(1);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('no collector answers at http://127.0.0.1:1');
  });
});

describe('check', () => {
  it('takes good files', async () => {
    const config = await file('plimsoll.yml', 'rule_files: [rules.yml]\nservice_files: [orders.yaml]\n');
    const rules = await file('rules.yml', 'groups: [{name: g, rules: [{record: a:b, expr: up}]}]\n');
    const services = await file(
      'orders.yaml',
      'apiVersion: plimsoll/v1\nkind: Service\nmetadata: {name: orders, displayName: Orders}\nspec: {owner: team, tier: 1, resources: []}\n',
    );
    expect(await main(['check', 'config', config])).toBe(0);
    expect(await main(['check', 'rules', rules])).toBe(0);
    await main(['check', 'services', services]);
    expect(errors).toEqual([]);
    expect(out.join('\n')).toContain(`${rules}: valid; 1 rules in 1 groups`);
  });

  it('checks the rule and service files a configuration names', async () => {
    await file('rules.yml', 'groups: [{name: g, rules: [{record: a:b, expr: "sum("}]}]\n');
    const broken = await file('broken.yml', 'rule_files: [rules.yml]\n');
    const astray = await file('astray.yml', 'service_files: [none.yaml]\n');
    expect(await main(['check', 'config', broken, astray])).toBe(78);
    expect(errors[0]).toContain(`${path.join(directory, 'rules.yml')}:1`);
    expect(errors[1]).toContain('service_files: there is no file none.yaml');
    expect(out).toEqual([]);
  });

  it('names every fault by file and line, in all files, with exit code 78', async () => {
    const bad = await file('bad.yml', 'global:\n  evaluation_intervall: 10s\n');
    const good = await file('good.yml', '');
    expect(await main(['check', 'config', bad, good, path.join(directory, 'absent.yml')])).toBe(78);
    expect(errors[0]).toContain(`${bad}:2:3: unknown key "evaluation_intervall"`);
    expect(errors[1]).toContain('absent.yml');
    expect(out).toEqual([expect.stringContaining(`${good}: valid`)]);
  });
});

describe('token', () => {
  it('prints the token of a storage path, or its path', async () => {
    const where = await file('admin-token', 'plimsoll_admin_abc\n');
    expect(await main(['token', `--storage.path=${directory}`])).toBe(0);
    expect(await main(['token', '--path', '--storage.path', directory])).toBe(0);
    expect(out).toEqual(['plimsoll_admin_abc', where]);
  });

  it('says where it looked', async () => {
    expect(await main(['token', `--storage.path=${directory}/none`])).toBe(1);
    expect(errors[0]).toContain('--storage.path');
  });
});
