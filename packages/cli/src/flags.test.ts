import { describe, expect, it } from 'vitest';
import { UsageError } from './exit-code.ts';
import { type Flag, helpText, parseFlags } from './flags.ts';

const table: readonly Flag[] = [
  {
    name: 'web.listen-address',
    kind: 'text',
    placeholder: 'HOST:PORT',
    default: '127.0.0.1:1',
    help: 'Where.',
  },
  { name: 'insecure', kind: 'switch', placeholder: '', default: false, help: 'Risk it.' },
  { name: 'label', kind: 'list', placeholder: 'NAME=VALUE', default: [], help: 'Repeatable.' },
];
const parse = (...args: string[]) => parseFlags(table, args);

describe('parseFlags', () => {
  it('reads every way to write a flag', async () => {
    expect(await parse('--web.listen-address=a:1', 'x')).toMatchObject({
      given: { 'web.listen-address': 'a:1' },
      positionals: ['x'],
    });
    expect((await parse('--web.listen-address', 'a:1')).given).toEqual({ 'web.listen-address': 'a:1' });
    expect((await parse('--insecure')).given).toEqual({ insecure: true });
    expect((await parse('--no-insecure')).given).toEqual({ insecure: false });
    expect((await parse('--insecure=false')).given).toEqual({ insecure: false });
    expect((await parse('--label=a=1', '--label', 'b=2')).given).toEqual({ label: ['a=1', 'b=2'] });
    expect((await parse('--web.listen-address=')).given).toEqual({ 'web.listen-address': '' });
    expect(await parse('--', '--insecure')).toMatchObject({ given: {}, positionals: ['--insecure'] });
    expect((await parse('-h')).help).toBe(true);
  });

  it.each([
    [['--insecur'], 'did you mean --insecure?'],
    [['--no-label'], 'there is no flag --no-label'],
    [['--insecure=maybe'], '--no-insecure'],
    [['--label'], '--label needs a value'],
    [['-x'], 'there is no flag -x'],
  ])('refuses %o', async (args, message) => {
    const error: unknown = await parse(...args).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(message);
  });
});

describe('helpText', () => {
  it('names defaults where there is one', () => {
    const text = helpText('x [FLAGS]', 'Does x.', table);
    expect(text).toContain('--web.listen-address=HOST:PORT  Where. Default: 127.0.0.1:1.');
    expect(text).toMatch(/--\[no-\]insecure +Risk it\.$/m);
  });
});
