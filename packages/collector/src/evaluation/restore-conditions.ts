import { type Labels, METRIC_NAME, type SeriesColumns } from '@plimsoll/promql';
import { isStaleMarker } from '@plimsoll/proto';
import {
  activeAlerts,
  ALERTS,
  ALERTS_FOR_STATE,
  type AlertingRule,
  type AlertState,
  type AlertStates,
  OUTAGE_TOLERANCE_MS,
  restoreAlert,
} from '@plimsoll/rules';
import type { TelemetryStore } from '../telemetry/store.ts';
import type { StoredCondition } from './condition-ledger.ts';
import { RESTORE_LOOKBACK_MS } from './limits.ts';

/** An alert as the last run left it in the store. */
export interface StoredAlert extends StoredCondition {
  /** When the last run wrote it for the last time. */
  readonly writtenMs: number;
  readonly activeAtS: number;
}

/** All alerts that were active when the last run ended, by rule name. Read once, before the first tick. */
export async function readStoredAlerts(
  store: TelemetryStore,
  nowMs: number,
): Promise<ReadonlyMap<string, readonly StoredAlert[]>> {
  const read = async (name: string): Promise<readonly SeriesColumns[]> =>
    store.select({
      matchers: [{ name: METRIC_NAME, type: '=', value: name }],
      startMs: nowMs - RESTORE_LOOKBACK_MS,
      endMs: nowMs,
    });
  const [states, alerts] = [await read(ALERTS_FOR_STATE), await read(ALERTS)];
  const firing = new Set(
    alerts.filter(isFiring).map(({ labels }) => labels.without(METRIC_NAME, 'alertstate').key),
  );
  const byRule = new Map<string, StoredAlert[]>();
  for (const series of states) {
    const alert = toStoredAlert(series, firing);
    if (!alert) continue;
    const name = alert.labels.get('alertname');
    byRule.set(name, [...(byRule.get(name) ?? []), alert]);
  }
  return byRule;
}

function isFiring({ labels, values }: SeriesColumns): boolean {
  const last = values.at(-1);
  return last !== undefined && !isStaleMarker(last) && labels.get('alertstate') === 'firing';
}

/** Nothing where the series ended with a stale marker: that alert was over before the restart. */
function toStoredAlert(
  { labels, timestamps, values }: SeriesColumns,
  firing: ReadonlySet<string>,
): StoredAlert | undefined {
  const activeAtS = values.at(-1);
  const writtenMs = timestamps.at(-1);
  if (activeAtS === undefined || writtenMs === undefined || isStaleMarker(activeAtS)) return undefined;
  const alertLabels = labels.without(METRIC_NAME);
  return {
    labels: alertLabels,
    onsetAtMs: activeAtS * 1000,
    lastTrueMs: writtenMs,
    firing: firing.has(alertLabels.key),
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
