import { useLocation } from 'preact-iso';
import { apiBase } from '../api/client.ts';
import type { Incident, Page } from '../api/types.ts';
import { useApi } from '../api/use-api.ts';
import { IncidentTable } from '../components/incident-table.tsx';
import { Empty, Loaded, MoreNote } from '../components/loaded.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { SearchField } from '../components/search-field.tsx';
import { counted } from '../lib/format.ts';
import { hostNames, reference } from '../lib/incidents.ts';
import { matchesSearch, withQuery } from '../lib/url-state.ts';

const views = [
  { state: 'open', name: 'Open' },
  { state: 'resolved', name: 'Resolved' },
  { state: 'closed', name: 'Closed' },
  { state: 'all', name: 'All' },
] as const;

export function IncidentsPage() {
  const { query, url } = useLocation();
  const view = views.find((known) => known.state === query['state']) ?? views[0];
  const state = useApi<Page<Incident>>(`${apiBase}/incidents?state=${view.state}&limit=200`, {
    topics: ['incident'],
  });
  const search = query['q'] ?? '';
  return (
    <>
      <PageHead
        title="Incidents"
        tools={
          <>
            <nav class="segmented" aria-label="State">
              {views.map(({ state: name, name: word }) => (
                <a
                  key={name}
                  href={withQuery(url, { state: name === 'open' ? null : name })}
                  aria-current={name === view.state ? 'true' : undefined}
                >
                  {word}
                </a>
              ))}
            </nav>
            <SearchField label="Filter incidents" />
          </>
        }
      />
      <Panel title={`${view.name === 'All' ? 'All' : view.name} incidents`} flush>
        <Loaded state={state} what="the incidents">
          {(page) => <Listed page={page} search={search} word={view.name.toLowerCase()} />}
        </Loaded>
      </Panel>
    </>
  );
}

function Listed(props: { readonly page: Page<Incident>; readonly search: string; readonly word: string }) {
  const { page, search, word } = props;
  const shown = page.items.filter((incident) =>
    matchesSearch(search, [
      incident.title,
      reference(incident.number),
      incident.service,
      incident.assignee,
      ...hostNames(incident),
    ]),
  );
  if (shown.length === 0) {
    return (
      <Empty title={search ? 'No incident matches' : `No ${word === 'all' ? '' : word} incidents`}>
        <p>
          {search
            ? `The filter hides ${counted(page.items.length, 'incident')}.`
            : 'Incidents open when a rule fires and resolve when the condition ends; each keeps its whole timeline here.'}
        </p>
      </Empty>
    );
  }
  return (
    <>
      <IncidentTable caption={`Incidents: ${word}`} incidents={shown} />
      <MoreNote page={page} />
    </>
  );
}
