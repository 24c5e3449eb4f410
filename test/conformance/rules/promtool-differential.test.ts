import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { runRuleTests } from '@plimsoll/rules';
import { describe, expect, it } from 'vitest';

/** A promtool of Prometheus 3: 2.x counts the left end of a range in. Build: go build -tags remove_all_sd ./cmd/promtool */
const promtool = process.env['PLIMSOLL_PROMTOOL'] ?? '';
const seed = Number(process.env['PLIMSOLL_SEED'] ?? Date.now() % 1_000_000);
const FILES = 40;

const EXPRESSIONS = [
  'm > 5',
  'm{a="x"} == 3',
  'sum by (a) (m) > 4',
  'm / n > 1',
  'rate(c[3m]) > 0.01',
  'avg_over_time(m[2m]) < 4',
  'm and n > 2',
  'm unless n',
  'absent(m{a="q"})',
  'rec > 3',
  'm > 5 or n > 5',
  'changes(m[3m]) > 1',
  'max by (a) (m) - 1 > 2',
  '1',
  'ALERTS{alertstate="firing"}',
  'm offset 1m > 3',
];
const TEMPLATES = [
  '{{ $value }}',
  '{{ $labels.a }} is {{ humanize $value }}',
  '{{ printf "%.3f" $value }}',
  '{{ range query "m" | sortByLabel "a" }}{{ .Labels.a }}={{ .Value }} {{ end }}',
  '{{ $labels }}',
  '{{ if gt $value 4.0 }}hi{{ else }}lo{{ end }}',
  '{{ query "nope" | first }}',
  '{{ $value | humanizeDuration }}{{ $externalLabels.r }}',
];

/** Mulberry32: small, and the same everywhere. */
class Dice {
  #state: number;

  constructor(start: number) {
    this.#state = start;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }
}

function values(dice: Dice): string {
  const one = (): string => {
    if (dice.chance(0.1)) return '_';
    if (dice.chance(0.05)) return 'stale';
    return dice.chance(0.1)
      ? `${dice.below(8)}+${dice.below(3)}x${1 + dice.below(4)}`
      : dice.pick(['0', '2', '3', '5', '8', '2.5', '1e6', '-1']);
  };
  return Array.from({ length: 3 + dice.below(12) }, one).join(' ');
}

function alertRule(dice: Dice, number: number): object {
  return {
    alert: `A${number}`,
    expr: dice.pick(EXPRESSIONS),
    ...(dice.chance(0.6) && { for: dice.pick(['0s', '1m', '90s', '3m']) }),
    ...(dice.chance(0.4) && { keep_firing_for: dice.pick(['1m', '5m']) }),
    ...(dice.chance(0.5) && { labels: { sev: dice.pick(['page', '{{ $labels.a }}', '{{ $value }}']) } }),
    ...(dice.chance(0.8) && { annotations: { s: dice.pick(TEMPLATES) } }),
  };
}

function ruleFile(dice: Dice): object {
  const recording = dice.chance(0.5)
    ? [{ record: 'rec', expr: dice.pick(['sum by (a) (m)', 'm * 2', 'n']) }]
    : [];
  const alerts = Array.from({ length: 1 + dice.below(4) }, (_element, i) => alertRule(dice, i));
  const group = {
    name: 'g',
    rules: [...recording, ...alerts],
    ...(dice.chance(0.15) && { query_offset: '1m' }),
    ...(dice.chance(0.1) && { limit: 2 }),
    ...(dice.chance(0.2) && { labels: { gl: '1', sev: 'group' } }),
  };
  return { groups: [group] };
}

/** Every expectation is wrong, so that both sides print what they got. */
function testFile(dice: Dice): object {
  const minutes = 2 + dice.below(12);
  const series = ['m{a="x"}', 'm{a="y"}', 'n{a="x"}', 'c{a="x"}'].filter(() => dice.chance(0.85));
  const test = {
    interval: dice.pick(['1m', '30s']),
    input_series: series.map((name) => ({ series: name, values: values(dice) })),
    external_labels: { r: 'eu' },
    alert_rule_test: Array.from({ length: minutes * 4 }, (_element, i) => ({
      eval_time: `${Math.floor(i / 4)}m`,
      alertname: `A${i % 4}`,
      exp_alerts: [{ exp_labels: { never: 'x' } }],
    })),
    promql_expr_test: ['ALERTS', 'ALERTS_FOR_STATE', 'rec'].map((expr) => ({
      expr,
      eval_time: `${minutes}m`,
      exp_samples: [{ labels: 'never', value: 9 }],
    })),
  };
  return { rule_files: ['rules.yml'], evaluation_interval: dice.pick(['1m', '30s', '2m']), tests: [test] };
}

function isAtLeast3(): boolean {
  return (
    promtool !== '' && !execFileSync(promtool, ['--version'], { encoding: 'utf8' }).includes('version 2.')
  );
}

describe.skipIf(!isAtLeast3())('random rules (skipped unless PLIMSOLL_PROMTOOL names a promtool 3)', () => {
  it(`get promtool's answers, word for word (seed ${seed})`, async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-rules-'));
    try {
      const dice = new Dice(seed);
      for (let i = 0; i < FILES; i++) {
        writeFileSync(path.join(directory, 'rules.yml'), JSON.stringify(ruleFile(dice)));
        const contents = JSON.stringify(testFile(dice));
        writeFileSync(path.join(directory, 'test.yml'), contents);
        const theirs = spawnSync(promtool, ['test', 'rules', 'test.yml'], {
          cwd: directory,
          encoding: 'utf8',
        });
        const report = await runRuleTests('test.yml', contents, async (file) => [
          { file, contents: readFileSync(path.join(directory, file), 'utf8') },
        ]);
        const ours = report.tests.flatMap(({ failures }) => failures).join('\n');
        expect(ours.trimEnd(), `file ${i}`).toBe(theirs.stderr.replace(/^ {2}FAILED:\n/, '').trimEnd());
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
