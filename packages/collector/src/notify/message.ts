import type { JournalEvent } from '../desk/journal/event.ts';
import type { IncidentJson } from '../desk/json/incident.ts';
import { LIMITS } from './limits.ts';
import { detailOf, type Topic } from './topic.ts';

/**
 * One thing to tell, frozen when its event was read: every attempt sends the same content under the same key.
 */
export interface Message {
  readonly topic: Topic;
  readonly eventId: string;
  /** RFC 3339. */
  readonly eventAt: string;
  /** What the incident does not tell of the event, for people. */
  readonly detail: string | null;
  readonly incident: IncidentJson;
}

export function makeMessage(topic: Topic, event: JournalEvent, incident: IncidentJson): Message {
  return {
    topic,
    eventId: event.id,
    eventAt: new Date(event.occurredAtMs).toISOString(),
    detail: detailOf(event),
    incident: { ...incident, timeline: incident.timeline.slice(-LIMITS.timelineItems) },
  };
}

/** What receivers tell repeated attempts by: the same for every attempt, different for every event and channel. */
export function idempotencyKey(message: Message, channel: string): string {
  return `${message.eventId}:${channel}`;
}

/** Where a person reads about the incident; null when the collector does not know its own address. */
export function incidentUrl(externalUrl: string | null, number: number): string | null {
  return externalUrl === null ? null : `${externalUrl.replace(/\/+$/, '')}/incidents/${number}`;
}
