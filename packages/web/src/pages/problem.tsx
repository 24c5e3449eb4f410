import { useRoute } from 'preact-iso';
import { apiBase } from '../api/client.ts';
import type { Problem } from '../api/types.ts';
import { useApi } from '../api/use-api.ts';
import { Badge } from '../components/badge.tsx';
import { DataTable, type Column } from '../components/data-table.tsx';
import { Instant } from '../components/instant.tsx';
import { Loaded } from '../components/loaded.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { Timeline } from '../components/timeline.tsx';
import { formatDuration } from '../lib/duration.ts';
import { words } from '../lib/format.ts';
import { reference } from '../lib/incidents.ts';
import { paths } from '../lib/paths.ts';
import { instantOf } from '../lib/time.ts';
import { lookOf, problemLooks } from '../lib/tones.ts';

type Occurrence = Problem['incidents'][number];

const columns: readonly Column<Occurrence>[] = [
  {
    key: 'incident',
    header: 'Incident',
    cell: (incident) => (
      <a class="title" href={paths.incident(incident.number)} data-row-link>
        {reference(incident.number)}
      </a>
    ),
  },
  { key: 'opened', header: 'Opened', cell: (incident) => <Instant at={incident.openedAt} absolute /> },
  {
    key: 'lasted',
    header: 'Lasted',
    cell: (incident) => {
      const from = instantOf(incident.openedAt);
      const to = instantOf(incident.resolvedAt);
      return from === null || to === null ? 'still open' : formatDuration((to - from) / 1000);
    },
  },
];

export function ProblemPage() {
  const number = useRoute().params['number'] ?? '';
  const state = useApi<Problem>(`${apiBase}/problems/${encodeURIComponent(number)}`, {
    topics: ['problem', 'incident'],
  });
  const crumb = <a href={paths.problems()}>Problems</a>;
  return (
    <>
      <PageHead title={state.data?.title ?? `Problem ${number}`} crumb={crumb} />
      <Loaded state={state} what="the problem">
        {(problem) => (
          <div class="detail-grid">
            <div class="stack">
              <Panel title="What is known">
                <dl class="facts">
                  <dt>State</dt>
                  <dd>
                    <Badge look={lookOf(problemLooks, problem.state)} />
                  </dd>
                  <dt>Opened</dt>
                  <dd>
                    <Instant at={problem.openedAt} absolute />, for {words(problem.reason).toLowerCase()}
                  </dd>
                  <dt>Service</dt>
                  <dd>{problem.service ?? 'none'}</dd>
                  <dt>Root cause</dt>
                  <dd>{problem.rootCause ?? 'Not known yet'}</dd>
                  <dt>Workaround</dt>
                  <dd>{problem.workaround ?? 'None recorded'}</dd>
                </dl>
              </Panel>
              <Panel title="Occurrences" flush>
                <DataTable
                  caption="Incidents of this problem"
                  columns={columns}
                  rows={problem.incidents}
                  rowKey={(incident) => incident.id}
                />
              </Panel>
            </div>
            <Panel title="Timeline">
              <Timeline items={problem.timeline} />
            </Panel>
          </div>
        )}
      </Loaded>
    </>
  );
}
