import { useLocation } from 'preact-iso';
import { apiBase } from '../api/client.ts';
import type { FilesystemCapacity, Host, Incident, Page, Service, Status } from '../api/types.ts';
import { useApi } from '../api/use-api.ts';
import { Badge } from '../components/badge.tsx';
import { CapacityList } from '../components/capacity-list.tsx';
import { IncidentTable } from '../components/incident-table.tsx';
import { Empty, Loaded } from '../components/loaded.tsx';
import { MonitorHealth } from '../components/monitor-health.tsx';
import { openIncidentsPath } from '../components/rail.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { SearchField } from '../components/search-field.tsx';
import { SilentHosts } from '../components/silent-hosts.tsx';
import { counted } from '../lib/format.ts';
import { hostNames, inWorkingOrder, nextDue, secondsLeft } from '../lib/incidents.ts';
import { now } from '../lib/clock.ts';
import { paths } from '../lib/paths.ts';
import { isReporting, lookOf, serviceLooks } from '../lib/tones.ts';
import { matchesSearch } from '../lib/url-state.ts';

const statusRefreshMs = 10_000;

/** What needs somebody now. */
export function NowPage() {
  const incidents = useApi<Page<Incident>>(openIncidentsPath, { topics: ['incident'] });
  const hosts = useApi<Page<Host>>(`${apiBase}/hosts?limit=500`, { topics: ['host', 'incident'] });
  const services = useApi<Page<Service>>(`${apiBase}/services`, { topics: ['incident', 'host'] });
  const capacity = useApi<Page<FilesystemCapacity>>(`${apiBase}/capacity/filesystems?limit=500`, {
    topics: ['capacity'],
  });
  const status = useApi<Status>(`${apiBase}/status`, { topics: ['status'], everyMs: statusRefreshMs });
  return (
    <>
      <PageHead title="Now" tools={<SearchField label="Filter incidents" />} />
      <Strip
        incidents={incidents.data}
        hosts={hosts.data}
        services={services.data}
        firing={status.data?.rules.firing ?? 0}
      />
      <div class="now-grid">
        <div class="stack">
          <Panel title="Open incidents" aside={<a href={paths.incidents()}>All incidents</a>} flush>
            <Loaded state={incidents} what="the open incidents">
              {(page) => <OpenIncidents incidents={page.items} firing={status.data?.rules.firing ?? 0} />}
            </Loaded>
          </Panel>
          <Panel title="Soonest to fill" aside={<a href={paths.capacity()}>All filesystems</a>} flush>
            <Loaded state={capacity} what="the filesystems">
              {(page) => <CapacityList filesystems={page.items} />}
            </Loaded>
          </Panel>
        </div>
        <div class="stack">
          <Panel title="Services">
            <Loaded state={services} what="the services">
              {(page) => <Services services={page.items} />}
            </Loaded>
          </Panel>
          <Panel title="Hosts not reporting" aside={<a href={paths.hosts()}>All hosts</a>}>
            <Loaded state={hosts} what="the hosts">
              {(page) => <SilentHosts hosts={page.items} />}
            </Loaded>
          </Panel>
          <Panel title="The monitor itself">
            <Loaded state={status} what="the monitor's own state">
              {(data) => <MonitorHealth status={data} />}
            </Loaded>
          </Panel>
        </div>
      </div>
    </>
  );
}

interface OpenIncidentsProps {
  readonly incidents: readonly Incident[];
  /** Alerts that rules fire now. */
  readonly firing: number;
}

function OpenIncidents({ incidents, firing }: OpenIncidentsProps) {
  const search = useLocation().query['q'] ?? '';
  const shown = inWorkingOrder(incidents).filter((incident) =>
    matchesSearch(search, [incident.title, incident.service, incident.assignee, ...hostNames(incident)]),
  );
  if (incidents.length === 0) return <NothingOpen firing={firing} />;
  if (shown.length === 0) {
    return (
      <Empty title="No open incident matches">
        <p>
          {counted(incidents.length, 'incident is open', 'incidents are open')}; the filter hides them all.
        </p>
      </Empty>
    );
  }
  return <IncidentTable caption="Open incidents, most pressing first" incidents={shown} />;
}

function NothingOpen({ firing }: Pick<OpenIncidentsProps, 'firing'>) {
  if (firing > 0) {
    return (
      <Empty title="Nothing is open, but rules fire">
        <p>
          {counted(firing, 'alert fires', 'alerts fire')} on <a href={paths.rules()}>Rules</a>. Either it has
          just begun, or somebody ended its incident while the condition held: see{' '}
          <a href={paths.incidents()}>all incidents</a>.
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing is open">
      <p>
        An incident opens by itself when a rule fires. What is watched is on <a href={paths.rules()}>Rules</a>
        ; to see one open, load a rules file that fires on this host, such as filesystem use above 1 %.
      </p>
    </Empty>
  );
}

interface StripProps {
  readonly incidents: Page<Incident> | undefined;
  readonly hosts: Page<Host> | undefined;
  readonly services: Page<Service> | undefined;
  readonly firing: number;
}

function Strip({ incidents, hosts, services, firing }: StripProps) {
  const open = incidents?.items ?? [];
  const unowned = open.filter((incident) => incident.state === 'new').length;
  const late = open.filter((incident) => (secondsLeft(nextDue(incident)?.clock, now.value) ?? 0) < 0).length;
  const silent = hosts?.items.filter((host) => !isReporting(host)).length ?? 0;
  const down = services?.items.filter((service) => service.state !== 'up').length ?? 0;
  return (
    <dl class="now-strip">
      <Figure
        name="Open incidents"
        value={incidents && open.length}
        note={openNote(open.length, unowned, firing)}
      />
      <Figure name="Past their target" value={incidents && late} note="response or resolution" />
      <Figure
        name="Hosts"
        value={hosts?.items.length}
        note={silent === 0 ? 'all reporting' : `${silent} not reporting`}
      />
      <Figure
        name="Services"
        value={services?.items.length}
        note={down === 0 ? 'all up' : `${down} not up`}
      />
    </dl>
  );
}

function openNote(open: number, unowned: number, firing: number): string {
  if (unowned > 0) return `${unowned} not acknowledged`;
  if (open > 0) return 'all acknowledged';
  return firing > 0 ? counted(firing, 'alert fires', 'alerts fire') : 'all quiet';
}

function Figure(props: { readonly name: string; readonly value: number | undefined; readonly note: string }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>
        <span class="big">{props.value ?? '–'}</span>
        <span class="small soft">{props.value === undefined ? 'not known yet' : props.note}</span>
      </dd>
    </div>
  );
}

function Services({ services }: { readonly services: readonly Service[] }) {
  if (services.length === 0) {
    return (
      <p class="soft">
        No services are described. Point service_files in the configuration at their YAML files.
      </p>
    );
  }
  return (
    <ul class="lines">
      {services.map((service) => (
        <li key={service.name}>
          <span>
            {service.displayName} {service.agreed ? null : <span class="chip">example</span>}
            <span class="under">
              Tier {service.tier}
              {service.owner ? ` · ${service.owner}` : ''} · {counted(service.openIncidents, 'open incident')}
            </span>
          </span>
          <Badge look={lookOf(serviceLooks, service.state)} />
        </li>
      ))}
    </ul>
  );
}
