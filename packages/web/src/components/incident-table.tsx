import type { Incident } from '../api/types.ts';
import { acknowledgeKey } from '../lib/acknowledge.ts';
import { isDeferred } from '../lib/deferred.ts';
import { hostNames, reference } from '../lib/incidents.ts';
import { paths } from '../lib/paths.ts';
import { instantOf } from '../lib/time.ts';
import { incidentLooks, lookOf, priorityLooks } from '../lib/tones.ts';
import { Badge } from './badge.tsx';
import { DataTable, type Column } from './data-table.tsx';
import { Due } from './due.tsx';
import { Instant } from './instant.tsx';

const columns: readonly Column<Incident>[] = [
  {
    key: 'title',
    header: 'Incident',
    sort: (incident) => incident.number,
    descendingFirst: true,
    cell: (incident) => (
      <>
        <a class="title" href={paths.incident(incident.number)} data-row-link>
          {incident.title}
        </a>
        <span class="under">
          {[reference(incident.number), ...hostNames(incident), incident.service].join(' · ')}
        </span>
      </>
    ),
  },
  {
    key: 'priority',
    header: 'Priority',
    fit: true,
    sort: (incident) => incident.priority,
    cell: (incident) => <Badge look={lookOf(priorityLooks, incident.priority)} />,
  },
  {
    key: 'state',
    header: 'State, who has it',
    fit: true,
    sort: (incident) => incident.state,
    cell: (incident) => (
      <>
        <IncidentStateBadge incident={incident} />
        <span class="under">{incident.assignee ?? 'nobody has it'}</span>
      </>
    ),
  },
  { key: 'due', header: 'Due next', fit: true, cell: (incident) => <Due incident={incident} /> },
  {
    key: 'since',
    header: 'Since',
    fit: true,
    sort: (incident) => instantOf(incident.onsetAt),
    descendingFirst: true,
    cell: (incident) => <Instant at={incident.onsetAt} />,
  },
];

/** The state, or that an acknowledgement waits for its undo window. */
export function IncidentStateBadge({ incident }: { readonly incident: Incident }) {
  if (isDeferred(acknowledgeKey(incident.id))) {
    return <Badge look={{ tone: 'amber', icon: 'clock', word: 'Acknowledging …' }} />;
  }
  return <Badge look={lookOf(incidentLooks, incident.state)} />;
}

interface IncidentTableProps {
  readonly caption: string;
  readonly incidents: readonly Incident[];
}

export function IncidentTable({ caption, incidents }: IncidentTableProps) {
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={incidents}
      rowKey={(incident) => incident.id}
      rowData={(incident) => ({
        'data-incident': incident.id,
        'data-number': String(incident.number),
        'data-state': incident.state,
      })}
    />
  );
}
