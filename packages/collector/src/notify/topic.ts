/** What a message is about. */
export type Topic =
  | 'opened'
  | 'reopened'
  | 'acknowledged'
  | 'sla_warning'
  | 'sla_breached'
  | 'major'
  | 'resolved';

const TOPICS: Readonly<Record<string, Topic>> = {
  'incident.opened': 'opened',
  'incident.reopened': 'reopened',
  'incident.acknowledged': 'acknowledged',
  'incident.sla_warned': 'sla_warning',
  'incident.sla_breached': 'sla_breached',
  'incident.major_declared': 'major',
  'incident.resolved': 'resolved',
};

/** Which messages a journal event makes; most make none. */
export function topicOf(eventType: string): Topic | undefined {
  return TOPICS[eventType];
}
