import type { JournalEvent } from '../desk/journal/event.ts';

/** What a message is about. */
export type Topic =
  | 'opened'
  | 'reopened'
  | 'acknowledged'
  | 'sla_warning'
  | 'sla_breached'
  | 'major'
  | 'resolved'
  | 'canceled';

const TOPICS: Readonly<Record<string, Topic>> = {
  'incident.opened': 'opened',
  'incident.reopened': 'reopened',
  'incident.acknowledged': 'acknowledged',
  'incident.sla_warned': 'sla_warning',
  'incident.sla_breached': 'sla_breached',
  'incident.resolved': 'resolved',
  'incident.canceled': 'canceled',
};

/** Which message a journal event makes; most make none. */
export function topicOf({ type, payload }: Pick<JournalEvent, 'type' | 'payload'>): Topic | undefined {
  if (type === 'incident.reprioritised') return fieldsOf(payload)['major'] === true ? 'major' : undefined;
  return TOPICS[type];
}

/** Topics that end an incident for the receiver, sent only where resolutions are wanted. */
export function isEnding(topic: Topic): boolean {
  return topic === 'resolved' || topic === 'canceled';
}

/** What the incident itself does not tell: which clock, how far, or what a person wrote. */
export function detailOf({ payload }: Pick<JournalEvent, 'payload'>): string | null {
  const { service, clock, percent, note } = fieldsOf(payload);
  if (typeof clock === 'string' && typeof service === 'string')
    return typeof percent === 'number'
      ? `${percent} % of the ${clock} time agreed for ${service} are used`
      : `the ${clock} time agreed for ${service} is over`;
  return typeof note === 'string' ? note : null;
}

/** A payload is plain JSON, and null once redacted. */
function fieldsOf(payload: object | null): Readonly<Record<string, unknown>> {
  return { ...payload };
}
