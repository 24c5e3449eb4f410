import { Labels } from '@plimsoll/promql';
import {
  type AlertCandidate,
  type AlertingRule,
  type AlertStates,
  evolveAlerts,
  parseRuleFile,
} from '@plimsoll/rules';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../desk/signal.ts';
import { ConditionLedger } from './condition-ledger.ts';

const INTERVAL_MS = 30_000;
const hot: AlertCandidate = {
  labels: Labels.of({ alertname: 'Hot', instance: 'a' }),
  annotations: { summary: 'hot' },
  value: 95,
};

function alertingRule(fields: string): AlertingRule {
  const { groups } = parseRuleFile(
    'f.yml',
    `groups: [{name: g, rules: [{alert: Hot, expr: t > 90, ${fields}}]}]`,
  );
  const rule = groups[0]?.rules[0];
  if (rule?.kind !== 'alerting') throw new Error('no rule');
  return rule;
}

/** A rule's ledger fed by ticks in seconds; `tick` answers what was sent. */
function start(fields = '') {
  const rule = alertingRule(fields);
  const sent: Signal[] = [];
  const ref = { file: 'f.yml', group: 'g', name: 'Hot' };
  const ledger = new ConditionLedger(rule, ref, INTERVAL_MS, (signal) => sent.push(signal));
  let states: AlertStates = new Map();
  const host = { silent: false };
  const tick = (seconds: number, holds: boolean, inputSeconds = seconds - 1): Signal[] => {
    states = evolveAlerts(states, holds ? [hot] : [], rule, seconds * 1000);
    ledger.tick({
      atMs: seconds * 1000,
      states,
      newestInput: () => inputSeconds * 1000,
      lacksEvidence: () => host.silent,
    });
    return sent.splice(0);
  };
  const arrive = (sampleSeconds: number): Signal[] => {
    ledger.arrive(hot, sampleSeconds * 1000, sampleSeconds * 1000 + 50, 10_000);
    return sent.splice(0);
  };
  return { ledger, tick, arrive, host, sent };
}

describe('ConditionLedger', () => {
  it('tells of a breach at each evaluation, with the onset of the first sample', () => {
    const { tick } = start();
    expect(tick(30, true, 28)).toEqual([
      {
        kind: 'breach',
        rule: { file: 'f.yml', group: 'g', name: 'Hot' },
        expression: 't > 90',
        labels: { alertname: 'Hot', instance: 'a' },
        annotations: { summary: 'hot' },
        value: 95,
        threshold: 90,
        onsetAtMs: 28_000,
        detectedAtMs: 30_000,
        evaluatedAtMs: 30_000,
        uncertaintyMs: INTERVAL_MS,
      },
    ]);
    expect(tick(60, true)).toMatchObject([
      { onsetAtMs: 28_000, detectedAtMs: 30_000, evaluatedAtMs: 60_000 },
    ]);
    expect(tick(90, false, 88)).toMatchObject([
      { kind: 'recovery', recoveredAtMs: 88_000, evaluatedAtMs: 90_000 },
    ]);
    expect(tick(120, false)).toEqual([]);
  });

  it('takes onset from the raw condition, not from the end of `for`', () => {
    const { tick } = start('for: 1m');
    expect(tick(30, true, 28)).toEqual([]);
    expect(tick(60, true)).toEqual([]);
    expect(tick(90, true)).toMatchObject([
      { kind: 'breach', onsetAtMs: 28_000, detectedAtMs: 30_000, evaluatedAtMs: 90_000 },
    ]);
  });

  it('says nothing of a condition that never fired', () => {
    const { tick, ledger } = start('for: 1m');
    tick(30, true);
    expect(tick(60, false)).toEqual([]);
    expect(ledger.untold).toBe(0);
  });

  it('takes recovery from the raw condition, not from the end of `keep_firing_for`', () => {
    const { tick } = start('keep_firing_for: 1m');
    tick(30, true);
    expect(tick(60, false, 59)).toMatchObject([{ kind: 'breach' }]);
    expect(tick(90, false)).toMatchObject([{ kind: 'breach' }]);
    expect(tick(120, false)).toMatchObject([
      { kind: 'recovery', recoveredAtMs: 59_000, evaluatedAtMs: 120_000 },
    ]);
  });

  it('forgets a recovery that did not last while flapping', () => {
    const { tick } = start('keep_firing_for: 1m');
    tick(30, true, 29);
    tick(60, false);
    expect(tick(90, true)).toMatchObject([{ kind: 'breach', onsetAtMs: 29_000 }]);
    tick(120, false, 119);
    tick(150, false);
    expect(tick(180, false)).toMatchObject([{ kind: 'recovery', recoveredAtMs: 119_000 }]);
  });

  it('tells of an arrival at once when there is no `for`, and once', () => {
    const { arrive, tick } = start();
    expect(arrive(25)).toMatchObject([
      { kind: 'breach', onsetAtMs: 25_000, detectedAtMs: 25_050, uncertaintyMs: 10_000 },
    ]);
    expect(arrive(26)).toEqual([]);
    expect(tick(30, true)).toMatchObject([{ kind: 'breach', onsetAtMs: 25_000, detectedAtMs: 25_050 }]);
    expect(tick(60, false)).toMatchObject([{ kind: 'recovery' }]);
  });

  it('lets an arrival start pending, whose onset the firing tick states', () => {
    const { arrive, tick } = start('for: 30s');
    expect(arrive(25)).toEqual([]);
    expect(tick(30, true)).toEqual([]);
    expect(tick(60, true)).toMatchObject([{ kind: 'breach', onsetAtMs: 25_000 }]);
  });

  it('starts anew after a healthy frame, while nothing was told', () => {
    const { arrive, tick, ledger } = start('for: 30s');
    arrive(25);
    ledger.noteHealthyArrival(hot.labels);
    tick(30, true, 29);
    expect(tick(60, true)).toMatchObject([{ onsetAtMs: 29_000 }]);
  });

  it('does not let an older tick end what a newer frame saw', () => {
    const { arrive, tick } = start();
    arrive(31);
    expect(tick(30, false)).toEqual([]);
    expect(tick(60, false)).toMatchObject([{ kind: 'recovery' }]);
  });

  it('holds a blip that only a frame saw for `keep_firing_for`', () => {
    const { arrive, tick } = start('keep_firing_for: 1m');
    arrive(25);
    expect(tick(30, false, 29)).toEqual([]);
    expect(tick(60, false)).toEqual([]);
    expect(tick(90, false)).toMatchObject([{ kind: 'recovery', recoveredAtMs: 29_000 }]);
  });

  it('does not take the silence of a host for its recovery', () => {
    const { tick, host } = start();
    tick(30, true);
    host.silent = true;
    expect(tick(60, false)).toEqual([]);
    host.silent = false;
    expect(tick(90, false, 89)).toMatchObject([{ kind: 'recovery', recoveredAtMs: 89_000 }]);
  });

  it('goes on after a restart: the old onset, and an end for what ended meanwhile', () => {
    const stored = { labels: hot.labels, onsetAtMs: 5_000, lastTrueMs: 20_000, firing: true };
    const still = start();
    still.ledger.adopt([stored]);
    expect(still.tick(300, true)).toMatchObject([{ kind: 'breach', onsetAtMs: 5_000 }]);
    const over = start();
    over.ledger.adopt([stored]);
    expect(over.tick(300, false, 299)).toMatchObject([{ kind: 'recovery', recoveredAtMs: 299_000 }]);
    const pending = start();
    pending.ledger.adopt([{ ...stored, firing: false }]);
    expect(pending.tick(300, false)).toEqual([]);
  });

  it('ends what was told when its rule is taken away', () => {
    const { tick, ledger, sent } = start();
    tick(30, true);
    ledger.close(45_000);
    expect(sent).toMatchObject([{ kind: 'recovery', recoveredAtMs: 45_000 }]);
  });
});
