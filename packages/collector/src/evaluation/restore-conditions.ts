import { type Labels, METRIC_NAME, type SeriesColumns } from '@plimsoll/promql';
import { isStaleMarker } from '@plimsoll/proto';
import {
  activeAlerts,
  ALERTS_FOR_STATE,
  type AlertingRule,
  type AlertState,
  type AlertStates,
  OUTAGE_TOLERANCE_MS,
  restoreAlert,
} from '@plimsoll/rules';
import type { TelemetryStore } from '../telemetry/store.ts';
import type { StoredCondition } from './condition-ledger.ts';

/** An alert as the last run left it in the store. */
export interface StoredAlert extends StoredCondition {
  /** When the last run wrote it for the last time. */
  readonly writtenMs: number;
  readonly activeAtS: number;
}

/** The alerts that were active when the last run ended, not longer ago than may be restored, by rule name. */
export async function readStoredAlerts(
  store: TelemetryStore,
  nowMs: number,
): Promise<ReadonlyMap<string, readonly StoredAlert[]>> {
  const states = await store.select({
    matchers: [{ name: METRIC_NAME, type: '=', value: ALERTS_FOR_STATE }],
    startMs: nowMs - OUTAGE_TOLERANCE_MS,
    endMs: nowMs,
  });
  const byRule = new Map<string, StoredAlert[]>();
  for (const series of states) {
    const alert = toStoredAlert(series);
    if (!alert) continue;
    const name = alert.labels.get('alertname');
    byRule.set(name, [...(byRule.get(name) ?? []), alert]);
  }
  return byRule;
}

/** Nothing where the series ended with a stale marker: that alert was over before the restart. */
function toStoredAlert({ labels, timestamps, values }: SeriesColumns): StoredAlert | undefined {
  const activeAtS = values.at(-1);
  const writtenMs = timestamps.at(-1);
  if (activeAtS === undefined || writtenMs === undefined || isStaleMarker(activeAtS)) return undefined;
  return {
    labels: labels.without(METRIC_NAME),
    onsetAtMs: activeAtS * 1000,
    lastTrueMs: writtenMs,
    firing: false,
    writtenMs,
    activeAtS,
  };
}

/** Whether a stored alert is one of this rule: names repeat, the rule's plain labels tell them apart. */
export function belongsTo(rule: AlertingRule, labels: Labels): boolean {
  return rule.labelTemplates.every(
    ({ name, template }) => template.parsed !== undefined || labels.get(name) === template.source,
  );
}

/** The states of a rule's alerts: those the tick at `atMs` saw first get the pending time they had before the restart. */
export function restoreStates(
  rule: AlertingRule,
  states: AlertStates,
  stored: readonly StoredAlert[],
  atMs: number,
): AlertStates {
  const known = new Map(stored.map((alert) => [alert.labels.key, alert] as const));
  const restored = new Map<string, AlertState>(states);
  for (const alert of activeAlerts(states)) {
    const before = known.get(alert.labels.key);
    if (!before || alert.activeAtMs !== atMs || atMs - before.writtenMs > OUTAGE_TOLERANCE_MS) continue;
    const sample = { timestampMs: before.writtenMs, value: before.activeAtS };
    restored.set(alert.labels.key, restoreAlert(alert, sample, rule.forMs, atMs));
  }
  return restored;
}
