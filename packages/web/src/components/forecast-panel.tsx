import { useLocation } from 'preact-iso';
import { useMemo } from 'preact/hooks';
import { apiBase } from '../api/client.ts';
import type { FilesystemCapacity, FilesystemForecast, Status } from '../api/types.ts';
import { useApi } from '../api/use-api.ts';
import { formatDaysAhead } from '../lib/duration.ts';
import { forecastChart, shortHistoryStart } from '../lib/forecast-data.ts';
import { formatChance, sentence } from '../lib/format.ts';
import { paths } from '../lib/paths.ts';
import { formatDay, formatInstant, instantOf } from '../lib/time.ts';
import { lookOf, outlookLooks } from '../lib/tones.ts';
import { withQuery } from '../lib/url-state.ts';
import { Badge } from './badge.tsx';
import { Loaded } from './loaded.tsx';
import { Panel } from './panel.tsx';
import { Chart } from './chart.tsx';

/** One filesystem's past, its forecast with intervals, and the same in a sentence. */
export function ForecastPanel({ filesystem }: { readonly filesystem: FilesystemCapacity }) {
  const { url } = useLocation();
  const { instance, mountpoint } = filesystem;
  const parameters = new URLSearchParams({ instance, mountpoint });
  const state = useApi<FilesystemForecast>(`${apiBase}/capacity/filesystems/forecast?${parameters}`, {
    topics: ['capacity'],
  });
  return (
    <Panel
      title={`${mountpoint} on ${instance}`}
      aside={
        <span class="row">
          <a href={paths.host(instance)}>Host</a>
          <a href={withQuery(url, { instance: null, mountpoint: null })}>Close</a>
        </span>
      }
    >
      <div class="stack">
        <div class="row">
          <Badge look={lookOf(outlookLooks, filesystem.outlook)} />
          <p>{outlookText(filesystem)}</p>
        </div>
        <Loaded state={state} what="the forecast">
          {(answer) => <ForecastChart answer={answer} utilisation={filesystem.utilisation} />}
        </Loaded>
      </div>
    </Panel>
  );
}

interface ForecastChartProps {
  readonly answer: FilesystemForecast;
  readonly utilisation: number | null;
}

function ForecastChart({ answer, utilisation }: ForecastChartProps) {
  const { data, style } = useMemo(() => forecastChart(answer, utilisation), [answer, utilisation]);
  const oldestMs = instantOf(useApi<Status>(`${apiBase}/status`).data?.store.oldestAt);
  const beginsS = shortHistoryStart(answer, oldestMs === null ? null : oldestMs / 1000);
  if (beginsS !== null) {
    return (
      <p class="soft">
        The history begins at {formatInstant(beginsS * 1000)}. The chart has a value an hour and appears with
        the second.
      </p>
    );
  }
  return <Chart title="Share in use" unit="ratio" data={data} style={style} />;
}

function outlookText(filesystem: FilesystemCapacity): string {
  const { q10Days, q50Days, q90Days, fullAt, p7, explanation } = filesystem;
  const parts: string[] = [];
  if (q50Days !== null) {
    const likely = instantOf(fullAt?.likely);
    parts.push(
      `Most likely full in ${formatDaysAhead(q50Days)}${likely === null ? '' : ` (${formatDay(likely)})`}, with 80 % certainty between ${
        q10Days === null ? 'now' : formatDaysAhead(q10Days)
      } and ${q90Days === null ? 'more than a year' : formatDaysAhead(q90Days)}.`,
    );
  }
  if (p7 !== null) parts.push(`Chance of being full within 7 days: ${formatChance(p7)}.`);
  if (explanation) parts.push(sentence(explanation));
  return parts.join(' ') || 'There is not enough history for a forecast yet.';
}
