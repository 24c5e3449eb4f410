import { useLocation } from 'preact-iso';
import { apiBase } from '../api/client.ts';
import type { Host, Page } from '../api/types.ts';
import { useApi } from '../api/use-api.ts';
import { Badge } from '../components/badge.tsx';
import { DataTable, type Column } from '../components/data-table.tsx';
import { Instant } from '../components/instant.tsx';
import { Load } from '../components/load.tsx';
import { Empty, Loaded, MoreNote } from '../components/loaded.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { SearchField } from '../components/search-field.tsx';
import { counted, formatNumber } from '../lib/format.ts';
import { paths } from '../lib/paths.ts';
import { instantOf } from '../lib/time.ts';
import { hostLook } from '../lib/tones.ts';
import { matchesSearch } from '../lib/url-state.ts';

const refreshMs = 10_000;

const columns: readonly Column<Host>[] = [
  {
    key: 'instance',
    header: 'Host',
    sort: (host) => host.instance,
    cell: (host) => (
      <>
        <a class="title" href={paths.host(host.instance)} data-row-link>
          {host.instance}
        </a>
        <span class="under">{host.refusedReason ?? (host.services.join(', ') || 'no service')}</span>
      </>
    ),
  },
  {
    key: 'state',
    header: 'State',
    fit: true,
    sort: (host) => host.state,
    cell: (host) => <Badge look={hostLook(host)} />,
  },
  {
    key: 'cpu',
    header: 'CPU',
    sort: (host) => host.cpuUtilisation,
    descendingFirst: true,
    cell: (host) => <Load share={host.cpuUtilisation} />,
  },
  {
    key: 'memory',
    header: 'Memory',
    sort: (host) => host.memoryUtilisation,
    descendingFirst: true,
    cell: (host) => <Load share={host.memoryUtilisation} />,
  },
  {
    key: 'disk',
    header: 'Fullest filesystem',
    sort: (host) => host.fullestFilesystem?.utilisation ?? null,
    descendingFirst: true,
    cell: (host) => (
      <Load share={host.fullestFilesystem?.utilisation} note={host.fullestFilesystem?.mountpoint} />
    ),
  },
  {
    key: 'incidents',
    header: 'Open incidents',
    number: true,
    sort: (host) => host.openIncidents,
    descendingFirst: true,
    cell: (host) => formatNumber(host.openIncidents),
  },
  {
    key: 'seen',
    header: 'Last heard',
    fit: true,
    sort: (host) => instantOf(host.lastSeenAt),
    cell: (host) => <Instant at={host.lastSeenAt} />,
  },
];

export function HostsPage() {
  const search = useLocation().query['q'] ?? '';
  const state = useApi<Page<Host>>(`${apiBase}/hosts?limit=500`, {
    topics: ['host', 'incident'],
    everyMs: refreshMs,
  });
  return (
    <>
      <PageHead title="Hosts" tools={<SearchField label="Filter hosts" />} />
      <Panel title="Known hosts" aside={state.data ? counted(state.data.items.length, 'host') : null} flush>
        <Loaded state={state} what="the hosts">
          {(page) => (
            <>
              <Listed hosts={page.items} search={search} />
              <MoreNote page={page} />
            </>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

function Listed({ hosts, search }: { readonly hosts: readonly Host[]; readonly search: string }) {
  if (hosts.length === 0) {
    return (
      <Empty title="No agent has reported yet">
        <p>
          <code>./plimsoll start</code> runs an agent for this host; on another one run{' '}
          <code>./plimsoll agent --collector.address HOST:9721</code>. It appears here with its first frame.
        </p>
      </Empty>
    );
  }
  const shown = hosts.filter((host) =>
    matchesSearch(search, [
      host.instance,
      ...host.services,
      ...Object.entries(host.labels).map(([name, value]) => `${name}=${value}`),
    ]),
  );
  if (shown.length === 0) {
    return (
      <Empty title="No host matches">
        <p>The filter looks at names, services and labels (env=prod).</p>
      </Empty>
    );
  }
  return (
    <DataTable
      caption="Hosts with their state and load"
      columns={columns}
      rows={shown}
      rowKey={(host) => `${host.id} ${host.instance}`}
    />
  );
}
