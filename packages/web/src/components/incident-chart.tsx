import type { Incident, Labels } from '../api/types.ts';
import { splitComparison } from '../lib/expression.ts';
import { instantOf } from '../lib/time.ts';
import { noValue, formatNumber } from '../lib/format.ts';
import { QueryChart } from './query-chart.tsx';

const collectIntervalS = 10;

/** The rule's expression over time: its threshold as a line, the time it held as a band. */
export function IncidentChart({ incident }: { readonly incident: Incident }) {
  if (!incident.expression) return null;
  const onsetS = (instantOf(incident.onsetAt) ?? 0) / 1000;
  const recoveredMs = instantOf(incident.recoveredAt);
  const recoveredS = recoveredMs === null ? null : recoveredMs / 1000;
  const comparison = splitComparison(incident.expression);
  const threshold = incident.threshold ?? comparison?.threshold ?? null;
  return (
    <QueryChart
      title="The expression over time"
      unit="count"
      queries={[{ expression: comparison?.measured ?? incident.expression, label: seriesName }]}
      range={{ kind: 'firing', onsetS, recoveredS }}
      collectIntervalS={collectIntervalS}
      keep={(labels) => concerns(labels, incident)}
      style={{
        height: 220,
        ownRange: true,
        spans: [{ fromS: onsetS, toS: recoveredS }],
        threshold:
          threshold === null
            ? undefined
            : {
                value: threshold,
                label: `${comparison?.operator ?? 'threshold'} ${formatNumber(threshold)}`,
              },
      }}
    />
  );
}

/** Whether a series is the one that alerted: no label of it contradicts the alert's. */
function concerns(labels: Labels, incident: Incident): boolean {
  return Object.entries(incident.labels).every(
    ([name, value]) => labels[name] === undefined || labels[name] === value,
  );
}

function seriesName(labels: Labels): string {
  const telling = ['instance', 'mountpoint', 'device', 'mode', 'cpu']
    .map((name) => labels[name])
    .filter((value) => value !== undefined);
  return telling.join(' ') || (labels['__name__'] ?? (Object.values(labels).join(' ') || noValue));
}
