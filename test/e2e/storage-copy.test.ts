import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { budget, randomOf, seedOf } from '../support/budget.ts';
import { fillDetailed, readDetailed } from '../support/detailed-telemetry.ts';
import { killOnTheWay } from '../support/kill-on-the-way.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { countOf, differences, fillStore, readStore } from '../support/random-telemetry.ts';

const HOUR_MS = 3_600_000;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-storage-'));
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

const copy = async (...args: readonly string[]) =>
  runProgram(['storage', 'copy', ...args], { cwd: directory, timeoutMs: 100_000 });

describe('storage copy', () => {
  it('copies each sample bit for bit, to a directory and through running collectors', async () => {
    const random = randomOf(seedOf('storage copy'));
    const endMs = Date.now() - 60_000;
    const from = path.join(directory, 'from');
    const plan = { series: 60, startMs: endMs - 7 * HOUR_MS, endMs, stepMs: 20_000, isWild: true };
    const contents = await fillStore(from, plan, random);
    const first = await copy('--from', from, '--to', 'second');
    expect(first, first.stderr).toMatchObject({ code: 0 });
    const count = countOf(contents).toLocaleString('en-US');
    expect(first.stdout).toContain(
      `${count} samples read = ${count} written + 0 there already + 0 there with`,
    );
    expect(first.stdout).toContain(`verified: all ${count} samples are there`);
    const second = path.join(directory, 'second');
    expect(differences(contents, await readStore(second))).toEqual([]);

    const again = await copy('--from', from, '--to', 'second');
    expect(again.stdout).toContain(`${count} samples read = 0 written + ${count} there already`);

    {
      await using collector = await startProgram({
        command: 'collector',
        storagePath: path.join(directory, 'c'),
      });
      const written = await copy('--from', from, '--to', collector.web);
      expect(written, written.stdout).toMatchObject({ code: 0 });
      const read = await copy(
        '--from',
        collector.web,
        '--to',
        'third',
        '--start',
        String(plan.startMs / 1000),
      );
      expect(read, read.stderr).toMatchObject({ code: 0 });
      const busy = await copy('--from', 'c', '--to', 'fourth');
      expect(busy).toMatchObject({ code: 75, stderr: expect.stringContaining('stop the collector') });
    }
    const through = await readStore(path.join(directory, 'third'));
    for (const series of through.keys()) if (!contents.has(series)) through.delete(series);
    expect(differences(contents, through)).toEqual([]);
  });

  it('keeps native histograms, stale markers and start timestamps through a running collector', async () => {
    const count = await fillDetailed(path.join(directory, 'from'));
    {
      await using collector = await startProgram({
        command: 'collector',
        storagePath: path.join(directory, 'c'),
        config: 'shippedRules: false\n',
      });
      for (const args of [
        ['--from', 'from', '--to', collector.web],
        ['--from', collector.web, '--to', 'to'],
      ]) {
        const ran = await copy(...args, '--match', '{copied="yes"}');
        expect(ran, ran.stderr).toMatchObject({
          code: 0,
          stdout: expect.stringContaining(`verified: all ${count.toLocaleString('en-US')} samples are there`),
          stderr: expect.not.stringContaining('note:'),
        });
      }
    }
    const content = await readDetailed(path.join(directory, 'to'));
    expect(content).toEqual(await readDetailed(path.join(directory, 'from')));
    expect(content).toHaveLength(count);
  });

  it('copies what selectors and times name, and puts history behind newer samples', async () => {
    const random = randomOf(seedOf('storage copy, parts'));
    const endMs = Date.now() - 60_000;
    const from = path.join(directory, 'from');
    const plan = { series: 12, startMs: endMs - 5 * HOUR_MS, endMs, stepMs: 30_000, isWild: true };
    const contents = await fillStore(from, plan, random);
    const middle = String((endMs - 2 * HOUR_MS) / 1000);
    const args = ['--from', from, '--to', 'part', '--match', '{instance="host-1"}', '--match', 'load'];
    expect(await copy(...args, '--start', middle)).toMatchObject({ code: 0 });
    expect(await copy(...args, '--end', middle)).toMatchObject({ code: 0 });
    for (const series of contents.keys())
      if (!series.startsWith('load') && !series.includes('instance="host-1"')) contents.delete(series);
    expect(differences(contents, await readStore(path.join(directory, 'part')))).toEqual([]);
  });

  it('names what differs and keeps what the target has', async () => {
    const endMs = Date.now() - 60_000;
    const plan = { series: 4, startMs: endMs - HOUR_MS, endMs, stepMs: 30_000, isWild: false };
    const [from, to] = ['from', 'to'].map((name) => path.join(directory, name)) as [string, string];
    // Both begin at the same time, with other values.
    await fillStore(from, plan, randomOf(1));
    const before = await fillStore(to, { ...plan, series: 2 }, randomOf(2));
    const ran = await copy('--from', from, '--to', to);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/differs: .* in the source/);
    const after = await readStore(to);
    for (const [series, samples] of before)
      for (const [at, bits] of samples) expect(after.get(series)?.get(at)).toBe(bits);
  });

  it('says what is asked wrongly, and how to ask', async () => {
    const cases: readonly (readonly [readonly string[], number, string])[] = [
      [['--to', 'x'], 2, '--from is required'],
      [['--from', 'nowhere', '--to', 'x'], 1, 'there is no telemetry in nowhere'],
      [['--from', 'x', '--to', './x/'], 2, '--from and --to are the same'],
      [['--from', 'ftp://a', '--to', 'x'], 2, 'is no address'],
      [['--from', 'http://a:b@c', '--to', 'x'], 2, 'has a password in it'],
      [['--from', 'nowhere', '--to', 'x', '--match', '{a='], 2, 'is no selector'],
      [['--from', 'nowhere', '--to', 'x', '--start', 'soon'], 2, '"soon" is no time'],
    ];
    for (const [args, code, text] of cases) {
      const ran = await copy(...args);
      expect(ran, args.join(' ')).toMatchObject({ code, stderr: expect.stringContaining(text) });
    }
    await fillStore(
      path.join(directory, 'old'),
      { series: 3, startMs: Date.now() - HOUR_MS, endMs: Date.now(), stepMs: 60_000, isWild: false },
      randomOf(1),
    );
    const early = await copy('--from', 'old', '--to', 'x', '--start', '60d');
    expect(early).toMatchObject({ code: 2, stderr: expect.stringContaining('raise storage.retention.time') });
    await writeFile(path.join(directory, 'p.yml'), 'storage: {retention: {time: 90d}}\n');
    const kept = await copy('--from', 'old', '--to', 'x', '--start', '60d', '--config.file', 'p.yml');
    expect(kept, kept.stderr).toMatchObject({ code: 0 });
  });

  const kills = budget({ short: 3, long: 30 });
  it(`loses and doubles nothing over ${kills} kill -9`, async () => {
    const random = randomOf(seedOf('storage copy, kills'));
    const endMs = Date.now() - 60_000;
    const [from, to] = ['from', 'to'].map((name) => path.join(directory, name)) as [string, string];
    const state = path.join(directory, 'state.json');
    const windows = kills + 6;
    const startMs = endMs - windows * 2 * HOUR_MS;
    const contents = await fillStore(
      from,
      { series: 120, startMs, endMs, stepMs: 15_000, isWild: true },
      random,
    );
    const args = ['storage', 'copy', '--from', from, '--to', to, '--state', state];
    for (let killed = 0; killed < kills; killed++) await killOnTheWay(args, directory, state, random);
    const last = await runProgram(args, { cwd: directory, timeoutMs: 100_000 });
    expect(last, last.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('went on at') });
    expect(last.stdout).toContain(`verified: all ${countOf(contents).toLocaleString('en-US')} samples`);
    expect(differences(contents, await readStore(to))).toEqual([]);
    expect(existsSync(state)).toBe(false);
  });
});
