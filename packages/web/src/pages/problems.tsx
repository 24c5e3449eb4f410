import { apiBase } from '../api/client.ts';
import type { Page, Problem } from '../api/types.ts';
import { useApi } from '../api/use-api.ts';
import { Badge } from '../components/badge.tsx';
import { DataTable, type Column } from '../components/data-table.tsx';
import { Instant } from '../components/instant.tsx';
import { Empty, Loaded } from '../components/loaded.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { formatNumber, noValue, words } from '../lib/format.ts';
import { paths } from '../lib/paths.ts';
import { instantOf } from '../lib/time.ts';
import { lookOf, problemLooks } from '../lib/tones.ts';

const columns: readonly Column<Problem>[] = [
  {
    key: 'title',
    header: 'Problem',
    sort: (problem) => problem.number,
    descendingFirst: true,
    cell: (problem) => (
      <>
        <a class="title" href={paths.problem(problem.number)} data-row-link>
          {problem.title}
        </a>
        <span class="under">
          PRB-{problem.number} · opened for {words(problem.reason).toLowerCase()}
        </span>
      </>
    ),
  },
  {
    key: 'state',
    header: 'State',
    fit: true,
    sort: (problem) => problem.state,
    cell: (problem) => <Badge look={lookOf(problemLooks, problem.state)} />,
  },
  {
    key: 'count',
    header: 'Incidents',
    number: true,
    sort: (problem) => problem.incidents.length,
    descendingFirst: true,
    cell: (problem) => formatNumber(problem.incidents.length),
  },
  {
    key: 'last',
    header: 'Last seen',
    fit: true,
    sort: (problem) => instantOf(lastSeen(problem)),
    descendingFirst: true,
    cell: (problem) => <Instant at={lastSeen(problem)} />,
  },
  {
    key: 'cause',
    header: 'Root cause',
    cell: (problem) => problem.rootCause ?? <span class="soft">not known</span>,
  },
  {
    key: 'workaround',
    header: 'Workaround',
    cell: (problem) => problem.workaround ?? <span class="soft">{noValue}</span>,
  },
];

function lastSeen(problem: Problem): string | null {
  return problem.incidents.reduce<string | null>(
    (latest, incident) => (latest === null || incident.openedAt > latest ? incident.openedAt : latest),
    null,
  );
}

export function ProblemsPage() {
  const state = useApi<Page<Problem>>(`${apiBase}/problems?limit=200`, { topics: ['problem', 'incident'] });
  return (
    <>
      <PageHead title="Problems" />
      <Panel title="What keeps coming back" flush>
        <Loaded state={state} what="the problems">
          {(page) =>
            page.items.length === 0 ? (
              <Empty title="No problem is known">
                <p>
                  A problem opens by itself when the same incident comes back for the third time in seven
                  days. It then gathers every occurrence, the root cause and the workaround.
                </p>
              </Empty>
            ) : (
              <DataTable
                caption="Problems with their incidents"
                columns={columns}
                rows={page.items}
                rowKey={(problem) => problem.id}
              />
            )
          }
        </Loaded>
      </Panel>
    </>
  );
}
