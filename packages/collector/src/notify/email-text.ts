import type { ClockJson, IncidentJson } from '../desk/json/incident.ts';
import { incidentUrl, type Message } from './message.ts';
import { isEnding, type Topic } from './topic.ts';

const HEADLINES: Readonly<Record<Topic, string>> = {
  opened: 'Opened',
  reopened: 'Reopened: the condition is back',
  acknowledged: 'Acknowledged',
  sla_warning: 'The agreed time is running out',
  sla_breached: 'The agreed time is over',
  major: 'Declared a major incident',
  resolved: 'Resolved',
  canceled: 'Canceled',
};

/** The same for all mails about an incident but the "Re:": some readers thread by subject as well. */
export function emailSubject({ topic, incident }: Message): string {
  const subject = `[${incident.priority} #${incident.number}] ${incident.title}`.replaceAll(/[\r\n]+/g, ' ');
  return topic === 'opened' ? subject : `Re: ${subject}`;
}

/** The mail as text and as simple HTML, from the same lines. */
export function emailBody(message: Message, externalUrl: string | null): { text: string; html: string } {
  const { topic, incident } = message;
  const headline = `${incident.major ? 'MAJOR INCIDENT. ' : ''}${HEADLINES[topic]}: ${incident.title}`;
  const rows = facts(message);
  const url = incidentUrl(externalUrl, incident.number);
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const text = [
    headline,
    '',
    ...rows.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`),
    ...(url === null ? [] : ['', url]),
  ].join('\n');
  const table = rows
    .map(([name, value]) => `<tr><th align="left">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`)
    .join('');
  const link = url === null ? '' : `<p><a href="${escapeHtml(url)}">Open the incident</a></p>`;
  return {
    text: `${text}\n`,
    html: `<p><strong>${escapeHtml(headline)}</strong></p><table>${table}</table>${link}`,
  };
}

function facts({ topic, incident, eventAt, detail }: Message): [name: string, value: string][] {
  const rows: [string, string | null][] = [
    ['Priority', incident.priority],
    ['State', incident.state.replaceAll('_', ' ')],
    ['Service', serviceOf(incident)],
    ['Resources', incident.resources.map((resource) => resource.name).join(', ')],
    ['What', incident.annotations['summary'] ?? incident.description],
    ['Value', valueOf(incident)],
    ['Since', incident.onsetAt],
    ['At', eventAt],
    ['Note', detail],
    ['Assignee', incident.assignee],
    ['Respond by', isEnding(topic) ? null : due(incident.sla.response)],
    ['Resolve by', isEnding(topic) ? null : due(incident.sla.resolution)],
    ['Runbooks', incident.runbooks.map((runbook) => runbook.url ?? runbook.name).join(', ')],
    ['Workaround', incident.knownErrors.map((known) => known.workaround ?? '').join('\n')],
  ];
  return rows.flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, value]]));
}

function serviceOf(incident: IncidentJson): string {
  const service = incident.services.find(({ name }) => name === incident.service);
  return service === undefined ? incident.service : `${service.displayName} (owner ${service.owner})`;
}

function valueOf({ value, threshold }: IncidentJson): string | null {
  if (value === null) return null;
  const rounded = Number(value.toPrecision(4));
  return threshold === null ? `${rounded}` : `${rounded}, threshold ${threshold}`;
}

function due({ dueAt, state }: ClockJson): string | null {
  if (state === null) return null;
  return state === 'running' ? dueAt : [dueAt, `(${state})`].filter((part) => part !== null).join(' ');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '<br>');
}
