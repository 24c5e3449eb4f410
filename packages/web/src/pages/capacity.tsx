import { useLocation } from 'preact-iso';
import { apiBase } from '../api/client.ts';
import type { FilesystemCapacity, Page } from '../api/types.ts';
import { useApi } from '../api/use-api.ts';
import { DataTable, type Column } from '../components/data-table.tsx';
import { ForecastPanel } from '../components/forecast-panel.tsx';
import { Horizon } from '../components/horizon.tsx';
import { Load } from '../components/load.tsx';
import { Empty, Loaded, MoreNote } from '../components/loaded.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { SearchField } from '../components/search-field.tsx';
import { capacityCsv } from '../lib/capacity-csv.ts';
import { download } from '../lib/download.ts';
import { formatDuration } from '../lib/duration.ts';
import { counted, formatPercent, formatValue, noValue } from '../lib/format.ts';
import { matchesSearch, withQuery } from '../lib/url-state.ts';

export function CapacityPage() {
  const { query } = useLocation();
  const state = useApi<Page<FilesystemCapacity>>(`${apiBase}/capacity/filesystems?limit=500`, {
    topics: ['capacity'],
  });
  const items = state.data?.items ?? [];
  const chosen = items.find(
    (item) => item.instance === query['instance'] && item.mountpoint === query['mountpoint'],
  );
  return (
    <>
      <PageHead
        title="Capacity"
        tools={
          <>
            <button
              type="button"
              class="button"
              disabled={items.length === 0}
              title={items.length === 0 ? 'There is nothing to save yet' : undefined}
              onClick={() => download('capacity.csv', new Blob([capacityCsv(items)], { type: 'text/csv' }))}
            >
              Save as CSV
            </button>
            <SearchField label="Filter filesystems" />
          </>
        }
      />
      <div class="stack">
        {chosen ? <ForecastPanel filesystem={chosen} /> : null}
        <Panel title="Filesystems" aside={state.data ? counted(items.length, 'filesystem') : null} flush>
          <Loaded state={state} what="the filesystems">
            {(page) => (
              <>
                <Listed filesystems={page.items} search={query['q'] ?? ''} />
                <MoreNote page={page} />
              </>
            )}
          </Loaded>
        </Panel>
      </div>
    </>
  );
}

function FilesystemLink({ filesystem }: { readonly filesystem: FilesystemCapacity }) {
  const { url, query } = useLocation();
  const { instance, mountpoint } = filesystem;
  const isShown = query['instance'] === instance && query['mountpoint'] === mountpoint;
  return (
    <a
      class="title"
      href={withQuery(url, { instance, mountpoint })}
      aria-current={isShown ? 'true' : undefined}
      data-row-link
    >
      {mountpoint}
    </a>
  );
}

/** Counted from the start of the first hour: less than one says nothing of the minutes. */
function formatHistory(days: number | null): string {
  if (days === null) return noValue;
  return days < 1 / 24 ? 'under 1 h' : formatDuration(days * 86_400);
}

const columns: readonly Column<FilesystemCapacity>[] = [
  {
    key: 'filesystem',
    header: 'Filesystem',
    sort: (item) => `${item.instance} ${item.mountpoint}`,
    cell: (item) => (
      <>
        <FilesystemLink filesystem={item} />
        <span class="under">
          {item.instance} · {item.device} · {item.fstype}
        </span>
      </>
    ),
  },
  {
    key: 'use',
    header: 'In use',
    sort: (item) => item.utilisation,
    descendingFirst: true,
    cell: (item) => <Load share={item.utilisation} />,
  },
  {
    key: 'size',
    header: 'Size',
    number: true,
    sort: (item) => item.sizeBytes,
    descendingFirst: true,
    cell: (item) => formatValue(item.sizeBytes, 'bytes'),
  },
  {
    key: 'full',
    header: 'Full in',
    sort: (item) => item.q50Days,
    cell: (item) => <Horizon filesystem={item} />,
  },
  {
    key: 'history',
    header: 'History',
    number: true,
    sort: (item) => item.historyDays,
    cell: (item) => formatHistory(item.historyDays),
  },
  {
    key: 'error',
    header: 'Model error',
    number: true,
    sort: (item) => item.modelError,
    cell: (item) => (item.modelError === null ? noValue : formatPercent(item.modelError)),
  },
];

function Listed(props: { readonly filesystems: readonly FilesystemCapacity[]; readonly search: string }) {
  const { filesystems, search } = props;
  const shown = filesystems.filter((item) =>
    matchesSearch(search, [item.instance, item.mountpoint, item.device, item.fstype]),
  );
  if (shown.length === 0) {
    return (
      <Empty title={search ? 'No filesystem matches' : 'No filesystem is known yet'}>
        <p>
          {search
            ? 'The filter looks at hosts, mount points, devices and types.'
            : 'Filesystems appear with the first samples of an agent. A time to full needs some days of history; until then this page says so rather than guess.'}
        </p>
      </Empty>
    );
  }
  return (
    <DataTable
      caption="Filesystems with the time until they are full"
      columns={columns}
      rows={shown}
      rowKey={(item) => `${item.instance} ${item.mountpoint}`}
      defaultSort={{ column: 'full', descending: false }}
    />
  );
}
