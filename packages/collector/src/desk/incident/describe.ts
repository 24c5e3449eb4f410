import type { IncidentEventType, IncidentPayloads } from './event.ts';

type Describe<T extends IncidentEventType> = (payload: IncidentPayloads[T]) => string;

const TEXTS: { readonly [T in IncidentEventType]: Describe<T> } = {
  'incident.opened': ({ occurrence, priority, title }) =>
    occurrence === 1
      ? `Opened as ${priority}: ${title}`
      : `Opened as ${priority}, occurrence ${occurrence}: ${title}`,
  'incident.acknowledged': ({ note }) => withNote('Acknowledged', note),
  'incident.assigned': ({ assignee }) => `Assigned to ${assignee}`,
  'incident.noted': ({ text }) => text,
  'incident.held': ({ reason, note }) => `On hold for the ${reason}: ${note}`,
  'incident.resumed': () => 'Work resumed',
  'incident.condition_began': ({ condition }) => `The rule fires as ${condition.severity} too`,
  'incident.condition_ended': () => 'One of the rule’s conditions ended',
  'incident.recovered': () => 'The condition ended',
  'incident.resolved': ({ how, note }) =>
    how === 'recovery' ? 'Resolved: the condition ended' : withNote('Resolved by hand', note),
  'incident.reopened': ({ how, note }) =>
    how === 'breach' ? 'Reopened: the condition came back' : withNote('Reopened by hand', note),
  'incident.closed': ({ note }) => withNote('Closed', note),
  'incident.canceled': ({ note }) => `Canceled: ${note}`,
  'incident.reprioritised': ({ priority, note }) => `Priority is now ${priority}: ${note}`,
  'incident.sla_warned': ({ service, clock, percent }) =>
    `${percent} % of the ${clock} time of ${service} is used`,
  'incident.sla_breached': ({ service, clock }) => `The ${clock} time of ${service} was missed`,
  'incident.problem_linked': ({ number }) => `Linked to problem ${number}`,
  'incident.reclassified': ({ unreachable }) =>
    unreachable
      ? 'The host ran the whole time and could not be reached: its downtime is unknown'
      : 'The host ran for a part of the time: that part is unknown, not down',
};

/** One sentence about an event for people; a type of a later build is named as it is. */
export function describeIncidentEvent(type: string, payload: object): string {
  if (!Object.hasOwn(TEXTS, type)) return type;
  // The table is typed by event; the look-up alone cannot tell the compiler that key and payload belong together.
  return (TEXTS[type as IncidentEventType] as (payload: object) => string)(payload);
}

function withNote(text: string, note: string | null): string {
  return note === null ? text : `${text}: ${note}`;
}
