import type { Incident, Labels } from '../api/types.ts';
import { now } from '../lib/clock.ts';
import { splitComparison } from '../lib/expression.ts';
import { instantOf } from '../lib/time.ts';
import type { TimeRange } from '../lib/time-range.ts';
import { noValue, formatNumber } from '../lib/format.ts';
import { QueryChart } from './query-chart.tsx';

/** Around the firing, at least this much is shown before it, and after it when it has ended. */
const marginMinS = 900;
const marginShare = 0.5;
const maxSpanS = 7 * 86_400;
const collectIntervalS = 10;
/** The right edge of a chart that follows the present moves this often. */
const followS = 30;

/** The rule's expression over time: its threshold as a line, the time it held as a band. */
export function IncidentChart({ incident }: { readonly incident: Incident }) {
  if (!incident.expression) return null;
  const onsetS = (instantOf(incident.onsetAt) ?? 0) / 1000;
  const recoveredMs = instantOf(incident.recoveredAt);
  const nowS = Math.ceil(now.value / 1000 / followS) * followS;
  const range = rangeAround(onsetS, recoveredMs === null ? null : recoveredMs / 1000, nowS);
  const comparison = splitComparison(incident.expression);
  const threshold = incident.threshold ?? comparison?.threshold ?? null;
  return (
    <QueryChart
      title="The expression over time"
      unit="count"
      queries={[{ expression: comparison?.measured ?? incident.expression, label: seriesName }]}
      range={range}
      collectIntervalS={collectIntervalS}
      keep={(labels) => concerns(labels, incident)}
      style={{
        height: 220,
        ownRange: true,
        firing: { fromS: onsetS, toS: recoveredMs === null ? null : recoveredMs / 1000 },
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

export function rangeAround(onsetS: number, recoveredS: number | null, nowS: number): TimeRange {
  const endOfFiring = recoveredS ?? nowS;
  const margin = Math.max(marginMinS, (endOfFiring - onsetS) * marginShare);
  const toS = recoveredS === null ? nowS : Math.min(nowS, recoveredS + margin);
  return { kind: 'fixed', fromS: Math.floor(Math.max(onsetS - margin, toS - maxSpanS)), toS: Math.ceil(toS) };
}

/** Whether a series is one the incident is about: no label of it contradicts the incident's resources. */
function concerns(labels: Labels, incident: Incident): boolean {
  if (incident.resources.length === 0) return true;
  return incident.resources.some((resource) => {
    const wanted = { instance: resource.labels['instance'], ...resource.labels };
    return Object.entries(wanted).every(
      ([name, value]) => value === undefined || labels[name] === undefined || labels[name] === value,
    );
  });
}

function seriesName(labels: Labels): string {
  const telling = ['instance', 'mountpoint', 'device', 'mode', 'cpu']
    .map((name) => labels[name])
    .filter((value) => value !== undefined);
  return telling.join(' ') || (labels['__name__'] ?? (Object.values(labels).join(' ') || noValue));
}
