import type { IncidentJson } from '@plimsoll/collector';
import { formatFacts, formatSection } from '../table.ts';
import { durationText, nameText, timeText } from '../words.ts';
import { joinPage, timelineSection } from './join-page.ts';

type Service = IncidentJson['services'][number];
type Clock = IncidentJson['sla']['response'];
type Continuity = IncidentJson['continuity'];

/** An incident for reading: its facts, its services with their clocks, and what happened. */
export function incidentPage(incident: IncidentJson, nowMs: number): string {
  const { number, title, description, services, knownErrors, runbooks, suspectChanges } = incident;
  return joinPage([
    `INC-${number}  ${title}`,
    description ?? '',
    formatFacts(factsOf(incident)),
    formatSection(
      'Services',
      services.flatMap((service) => serviceLines(service, nowMs)),
    ),
    formatSection('Known errors', knownErrors.map(knownErrorLine)),
    formatSection(
      'Runbooks',
      runbooks.map(({ name, url }) => (url === null ? name : `${name}  ${url}`)),
    ),
    formatSection(
      'Changes that may be the cause',
      suspectChanges.map(({ change, reason }) => `${change}: ${reason}`),
    ),
    timelineSection(incident.timeline),
  ]);
}

function factsOf(incident: IncidentJson): [string, unknown][] {
  const { hold, rule, labels, resources, problem, firing, value, threshold } = incident;
  return [
    ['state', nameText(incident.state) + (incident.state !== 'closed' && firing ? ', still firing' : '')],
    ['on hold', hold === null ? null : `${hold.reason} since ${timeText(hold.since)}: ${hold.note}`],
    ['priority', `${incident.priority} (impact ${incident.impact}, urgency ${incident.urgency})`],
    ['severity', `${incident.severity}, ${incident.category}`],
    ['major', incident.major ? 'yes' : null],
    ['assignee', incident.assignee ?? 'nobody'],
    ['began', timeOrNull(incident.onsetAt)],
    ['opened', timeOrNull(incident.openedAt)],
    ['acknowledged', timeOrNull(incident.acknowledgedAt)],
    ['recovered', timeOrNull(incident.recoveredAt)],
    ['resolved', timeOrNull(incident.resolvedAt)],
    ['closed', timeOrNull(incident.closedAt)],
    ['about', resources.map(({ kind, name }) => `${kind} ${name}`)],
    ['labels', Object.entries(labels).map(([name, text]) => `${name}=${text}`)],
    ['rule', rule === null ? null : `${rule.name} (${rule.file}, ${rule.group})`],
    ['expression', incident.expression],
    ['value', value === null ? null : `${value}${threshold === null ? '' : `, threshold ${threshold}`}`],
    ['occurrence', incident.occurrence > 1 ? `number ${incident.occurrence} of its kind` : null],
    ['problem', problem],
    ['id', incident.id],
  ];
}

function serviceLines({ name, displayName, owner, tier, agreed, sla, continuity }: Service, nowMs: number) {
  const { rto, rpo } = continuity;
  return [
    `${name}  ${displayName}, owner ${owner}, tier ${tier}${agreed ? '' : ', an example: no report counts it'}`,
    `  response    ${clockText(sla.response, nowMs)}`,
    `  resolution  ${clockText(sla.resolution, nowMs)}`,
    ...(rto === null ? [] : [`  recovery    ${recoveryText(rto, continuity)}`]),
    ...(rpo === null ? [] : [`  backup      ${backupText(rpo, continuity)}`]),
  ];
}

/** `running, 3 h 12 min left (due 2026-03-27 15:00:00 UTC)`. */
function clockText({ target, dueAt, remaining, state }: Clock, nowMs: number): string {
  if (state === null || target === null) return 'no target';
  const of = `of ${durationText(target)}`;
  const due = dueAt === null ? '' : ` (due ${timeText(dueAt)})`;
  const left = dueAt === null ? (remaining ?? 0) : (Date.parse(dueAt) - nowMs) / 1000;
  if (state === 'running') return `running, ${durationText(left)} left${due}`;
  if (state === 'paused') return `paused, ${durationText(remaining ?? 0)} left ${of}`;
  if (state === 'breached') return `breached, the target was ${durationText(target)}${due}`;
  return `${state}, the target was ${durationText(target)}`;
}

function recoveryText(rto: number, { achievedRecovery, rtoMet, rtoDueAt }: Continuity): string {
  const target = `objective ${durationText(rto)}`;
  if (achievedRecovery !== null)
    return `took ${durationText(achievedRecovery)}, ${target}${rtoMet === null ? '' : rtoMet ? ', met' : ', not met'}`;
  return rtoDueAt === null ? target : `${target} (due ${timeText(rtoDueAt)})`;
}

function backupText(rpo: number, { backupAgeAtOnset, rpoMet }: Continuity): string {
  const target = `objective ${durationText(rpo)}`;
  if (backupAgeAtOnset === null) return `age at the onset not known, ${target}`;
  return `${durationText(backupAgeAtOnset)} old at the onset, ${target}${rpoMet === true ? ', met' : rpoMet === false ? ', not met' : ''}`;
}

function knownErrorLine({ number, title, workaround }: IncidentJson['knownErrors'][number]): string {
  return `PRB-${number}  ${title}${workaround === null ? '' : `; workaround: ${workaround}`}`;
}

function timeOrNull(time: string | null): string | null {
  return time === null ? null : timeText(time);
}
