import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { UsageError } from '../exit-code.ts';
import { forecastCommand } from './forecast.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-forecast-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(input: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const collected = Promise.all([text(stdout), text(stderr)]);
  const code = await forecastCommand(args, { stdin: Readable.from([input]), stdout, stderr });
  stdout.end();
  stderr.end();
  const [out, err] = await collected;
  return { code, out, err };
}

function lines(out: string): Record<string, unknown>[] {
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const wave = Array.from({ length: 24 * 21 }, (_, i) => 50 + 10 * Math.sin((i * Math.PI) / 12));
const filling = Array.from({ length: 24 * 30 }, (_, i) => 50 + (i / 24) * 1.5);

describe('NDJSON', () => {
  test('answers every series in order, by capacity or by horizon', async () => {
    const input = [
      { id: 'wave', start: 0, step: 3600, values: [...wave.slice(0, -1), null] },
      { id: 7, start: 0, step: 3600, values: filling, capacity: 100 },
      { id: 'again', start: 0, step: 3600, values: wave, capacity: null },
    ];
    const { code, out, err } = await run(
      input.map((line) => JSON.stringify(line)).join('\n'),
      '-',
      '--horizon=24',
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [first, second, third] = lines(out);
    expect(Object.keys(first ?? {})).toEqual(['id', 'mean', 'lo80', 'hi80', 'lo95', 'hi95']);
    expect(first).toMatchObject({ id: 'wave', mean: expect.any(Array) as unknown });
    expect(third?.['mean']).toHaveLength(24);
    expect(second).toMatchObject({ id: 7, outlook: 'filling' });
    expect(second?.['q50']).toBeGreaterThan(2);
    expect(second?.['q50']).toBeLessThan(5);
    expect(second?.['p7']).toBeGreaterThan(0.5);
  });

  test('names every faulty line, answers the others and fails', async () => {
    const good = JSON.stringify({ id: 'good', start: 0, step: 3600, values: wave });
    const file = path.join(folder, 'faulty.ndjson');
    writeFileSync(
      file,
      [
        '{"id": "torn", "start"',
        good,
        '',
        '{"id": "text", "start": 0, "step": 3600, "values": [1, "x"]}',
        '{"id": "empty", "start": 0, "step": 3600, "values": [null]}',
        '{"start": 0, "step": 3600, "values": [1]}',
        '{"id": "still", "start": 0, "step": 0, "values": [1]}',
        '{"id": "none", "start": 0, "step": 60, "values": [1], "capacity": -1}',
        '[1, 2]',
      ].join('\n'),
    );
    const { code, out, err } = await run('', file);
    expect(code).toBe(1);
    expect(lines(out)).toHaveLength(1);
    const said = err.trim().split('\n');
    expect(said.map((line) => /, line (\d+): /.exec(line)?.[1])).toEqual(['1', '4', '5', '6', '7', '8', '9']);
    expect(said[1]).toContain('values[1] is "x": a number is needed, or null for a gap');
    expect(said[2]).toContain('"values" holds no number');
  });

  test('a file that is not there fails with its name', async () => {
    await expect(run('', path.join(folder, 'absent'))).rejects.toThrow(/^there is no file .*absent$/);
  });
});

describe('CSV', () => {
  test('reads columns in any order and writes a row a point', async () => {
    const header = `step,id,start,${wave.map((_, i) => `v${i}`).join(',')}`;
    const input = `${header}\n3600,"a, ""b""",7200,${wave.join(',')}\n`;
    const { code, out } = await run(input, '--format', 'csv', '--horizon', '2', '-');
    expect(code).toBe(0);
    const rows = out.trim().split('\n');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toBe('id,time,mean,lo80,hi80,lo95,hi95');
    expect(rows[1]).toMatch(new RegExp(`^"a, ""b""",${7200 + wave.length * 3600},`));
  });

  test('writes quantiles for series with a capacity, and refuses a mixture', async () => {
    const header = `id,start,step,capacity,${filling.map((_, i) => i).join(',')}`;
    const rows = [`=cmd(),0,3600,100,${filling.join(',')}`, `two,0,3600,,${filling.join(',')}`];
    const { code, out, err } = await run([header, ...rows].join('\r\n'), '-', '--format=csv');
    expect(code).toBe(1);
    expect(out.trim().split('\n')[0]).toBe('id,q10,q50,q90,p7,outlook');
    expect(out.trim().split('\n')[1]).toMatch(/^'=cmd\(\),[\d.]+,[\d.]+,[\d.]+,[\d.]+,filling$/);
    expect(err).toContain('line 3: a CSV file holds series with capacity or without, not both');
  });

  test('takes empty cells for gaps and missing ones too', async () => {
    const { code, out } = await run(
      'id,start,step,a,b,c,d\nx,0,60,1,,1,\ny,0,60,2\n',
      '-',
      '--format=csv',
      '--horizon=1',
    );
    expect(code).toBe(0);
    expect(out.trim().split('\n').slice(1)).toEqual(['x,240,1,1,1,1,1', 'y,240,2,2,2,2,2']);
  });

  test('says which column is missing, or which cell is no number', async () => {
    expect((await run('id,values\n', '-', '--format=csv')).err).toContain(
      'line 1: the header has no column "start"',
    );
    const { err } = await run('id,start,step,a\nx,0,60,much\n', '-', '--format=csv');
    expect(err).toContain('line 2: "much" in column "a" is no number; leave a gap empty');
  });
});

test.each([
  [[], 'FILE missing'],
  [['a', 'b'], 'unexpected argument "b"'],
  [['a', '--horizon=0'], '--horizon=0: a whole number from 1 to 100000 is needed'],
  [['a', '--format=xml'], '--format=xml: json or csv is needed'],
  [['a', '--horizn=2'], 'there is no flag --horizn'],
])('usage: %j', async (args, message) => {
  const failure = await run('', ...args).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UsageError);
  expect((failure as UsageError).message).toContain(message);
});

test('--help explains input, output and flags', async () => {
  const print = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const { code } = await run('', '--help');
  const out = String(print.mock.lastCall?.[0]);
  print.mockRestore();
  expect(code).toBe(0);
  expect(out).toContain('--horizon=N');
  expect(out).toContain('"p7"');
});
