import { useLocation, useRoute } from 'preact-iso';
import { apiBase } from '../api/client.ts';
import type { Host, Incident, Page } from '../api/types.ts';
import { useApi } from '../api/use-api.ts';
import { Badge } from '../components/badge.tsx';
import type { ChartSpan } from '../components/chart-options.ts';
import { IncidentTable } from '../components/incident-table.tsx';
import { Instant } from '../components/instant.tsx';
import { LabelList } from '../components/labels.tsx';
import { Load } from '../components/load.tsx';
import { Loaded } from '../components/loaded.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { QueryChart } from '../components/query-chart.tsx';
import { RangePicker } from '../components/range-picker.tsx';
import { factsOf } from '../lib/facts.ts';
import { formatValue } from '../lib/format.ts';
import { hostCharts } from '../lib/host-charts.ts';
import { inWorkingOrder, isOpen, spanOf } from '../lib/incidents.ts';
import { paths } from '../lib/paths.ts';
import { parseRange, rangeQuery, resolveRange, stepFor, type TimeRange } from '../lib/time-range.ts';
import { hostLook } from '../lib/tones.ts';
import { withQuery } from '../lib/url-state.ts';

const refreshMs = 10_000;
const defaultIntervalS = 10;

export function HostPage() {
  const { params } = useRoute();
  const { query } = useLocation();
  const instance = params['instance'] ?? '';
  const range = parseRange(query);
  const host = useApi<Host>(`${apiBase}/hosts/${encodeURIComponent(instance)}`, {
    topics: ['host', 'incident'],
    everyMs: refreshMs,
  });
  const incidents = useApi<Page<Incident>>(
    `${apiBase}/incidents?${new URLSearchParams({ state: 'all', instance, limit: '100' })}`,
    { topics: ['incident'] },
  );
  const onHost = incidents.data?.items ?? [];
  const open = inWorkingOrder(onHost.filter(isOpen));
  return (
    <>
      <PageHead
        title={instance}
        crumb={<a href={paths.hosts()}>Hosts</a>}
        tools={host.data ? <RangePicker range={range} /> : null}
      />
      <div class="stack">
        <Panel title="Host">
          <Loaded state={host} what="the host">
            {(data) => <HostFacts host={data} />}
          </Loaded>
        </Panel>
        <OpenOnHost instance={instance} incidents={open} />
        {host.data ? (
          <Charts
            key={instance}
            instance={instance}
            range={range}
            collectIntervalS={host.data.collectInterval ?? defaultIntervalS}
            spans={onHost.map(spanOf)}
          />
        ) : null}
      </div>
    </>
  );
}

function HostFacts({ host }: { readonly host: Host }) {
  return (
    <div class="stack">
      <div class="host-now">
        <div>
          <span class="small soft">State</span>
          <Badge look={hostLook(host)} />
        </div>
        <div>
          <span class="small soft">Last heard</span>
          <Instant at={host.lastSeenAt} />
        </div>
        <div>
          <span class="small soft">CPU</span>
          <Load share={host.cpuUtilisation} />
        </div>
        <div>
          <span class="small soft">Memory</span>
          <Load share={host.memoryUtilisation} />
        </div>
        <div>
          <span class="small soft">Fullest filesystem {host.fullestFilesystem?.mountpoint ?? ''}</span>
          <Load share={host.fullestFilesystem?.utilisation} />
        </div>
      </div>
      {host.refusedReason ? <p>{host.refusedReason}</p> : null}
      <LabelList labels={host.labels} without={['instance']} />
      <details>
        <summary>Inventory</summary>
        <dl class="facts small inventory">
          <dt>Agent</dt>
          <dd>
            {host.agentVersion ?? 'unknown'}, sends every {formatValue(host.collectInterval, 'seconds')},
            clock off by {formatValue(host.clockOffset, 'seconds')}
          </dd>
          <dt>First seen</dt>
          <dd>
            <Instant at={host.firstSeenAt} absolute />
          </dd>
          {factsOf(host.facts).map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          ))}
        </dl>
      </details>
    </div>
  );
}

interface OpenOnHostProps {
  readonly instance: string;
  readonly incidents: readonly Incident[];
}

function OpenOnHost({ instance, incidents }: OpenOnHostProps) {
  if (incidents.length === 0) return null;
  return (
    <Panel title="Open incidents on this host" flush>
      <IncidentTable caption={`Open incidents on ${instance}`} incidents={incidents} />
    </Panel>
  );
}

interface ChartsProps {
  readonly instance: string;
  readonly range: TimeRange;
  readonly collectIntervalS: number;
  /** When something was wrong with the host. */
  readonly spans: readonly ChartSpan[];
}

/** A rate needs at least four samples in its window to survive a missed one. */
const samplesInWindow = 4;

function Charts({ instance, range, collectIntervalS, spans }: ChartsProps) {
  const { url, route } = useLocation();
  const { startS, endS } = resolveRange(range, 0);
  const windowS = Math.ceil(
    Math.max(samplesInWindow * collectIntervalS, stepFor(startS, endS, collectIntervalS)),
  );
  const onZoom = (fromS: number, toS: number) =>
    route(withQuery(url, rangeQuery({ kind: 'fixed', fromS, toS })));
  return (
    <div class="charts">
      {hostCharts(instance, windowS).map((chart) => (
        <section class="panel" key={chart.title} aria-label={chart.title}>
          <div class="body">
            <QueryChart
              {...chart}
              style={{ ...chart.style, spans }}
              range={range}
              collectIntervalS={collectIntervalS}
              syncKey="host"
              onZoom={onZoom}
            />
          </div>
        </section>
      ))}
    </div>
  );
}
