import { Labels, MemoryStorage } from '@plimsoll/promql';
import { type AlertingRule, evolveAlerts, parseRuleFile } from '@plimsoll/rules';
import { describe, expect, it } from 'vitest';
import { belongsTo, readStoredAlerts, restoreStates } from './restore-conditions.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 100 * HOUR_MS;

function forState(name: string, labels: Record<string, string> = {}): Labels {
  return Labels.of({ __name__: 'ALERTS_FOR_STATE', alertname: name, ...labels });
}

function alertingRule(fields: string): AlertingRule {
  const { groups } = parseRuleFile(
    'f.yml',
    `groups: [{name: g, rules: [{alert: Full, expr: x > 1, ${fields}}]}]`,
  );
  const rule = groups[0]?.rules[0];
  if (rule?.kind !== 'alerting') throw new Error('no rule');
  return rule;
}

describe('alerts of the last run', () => {
  it('are read with their start, unless they had ended or are too old', async () => {
    const storage = new MemoryStorage();
    const write = (labels: Labels, hoursAgo: number, value: number | 'stale'): void =>
      storage.append(labels, [{ timeMs: NOW_MS - hoursAgo * HOUR_MS, value }]);
    write(forState('Full', { instance: 'a' }), 0.5, 350_000);
    write(forState('Full', { instance: 'b' }), 0.5, 'stale');
    write(forState('Hot'), 0.1, 359_000);
    const store = storage as unknown as Parameters<typeof readStoredAlerts>[0];
    const stored = await readStoredAlerts(store, NOW_MS);
    expect([...stored.keys()]).toEqual(['Full', 'Hot']);
    expect(stored.get('Full')).toMatchObject([
      { onsetAtMs: 350_000_000, writtenMs: NOW_MS - HOUR_MS / 2, firing: false },
    ]);
    expect(stored.get('Full')?.[0]?.labels.toRecord()).toEqual({ alertname: 'Full', instance: 'a' });
  });

  it('belong to the rule whose plain labels they have', () => {
    const critical = alertingRule('labels: {severity: critical, disk: "{{ $labels.dev }}"}');
    expect(belongsTo(critical, Labels.of({ alertname: 'Full', severity: 'critical', disk: 'sda' }))).toBe(
      true,
    );
    expect(belongsTo(critical, Labels.of({ alertname: 'Full', severity: 'warning', disk: 'sda' }))).toBe(
      false,
    );
  });

  it('give their pending time to alerts the tick saw first, within the tolerance', () => {
    const rule = alertingRule('for: 2h');
    const labels = Labels.of({ alertname: 'Full', instance: 'a' });
    const states = evolveAlerts(new Map(), [{ labels, annotations: {}, value: 1 }], rule, NOW_MS);
    const stored = (minutesAgo: number) => ({
      labels,
      onsetAtMs: 0,
      lastTrueMs: 0,
      firing: false,
      writtenMs: NOW_MS - minutesAgo * 60_000,
      activeAtS: (NOW_MS - 90 * 60_000) / 1000,
    });
    // Sixty minutes pending before the stop, half an hour away: sixty are still counted.
    const restored = restoreStates(rule, states, [stored(30)], NOW_MS);
    expect(restored.get(labels.key)?.activeAtMs).toBe(NOW_MS - 60 * 60_000);
    expect(restoreStates(rule, states, [stored(61)], NOW_MS).get(labels.key)?.activeAtMs).toBe(NOW_MS);
    expect(restoreStates(rule, states, [stored(30)], NOW_MS + 1).get(labels.key)?.activeAtMs).toBe(NOW_MS);
  });
});
