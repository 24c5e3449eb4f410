import { describeIncidentEvent } from './incident/describe.ts';
import type { JournalEvent } from './journal/event.ts';
import type { TimelineItem } from './json/common.ts';
import { describeProblemEvent } from './problem/describe.ts';
import { rfc3339 } from './json/time.ts';

/** Parts of payloads that the JSON shows elsewhere, or that are of no use to readers. */
const LEFT_OUT: ReadonlySet<string> = new Set(['clocks', 'services', 'labels', 'annotations', 'resources']);

/** A journal event as people read it. `nameOf` turns the opaque id of a person into a name. */
export function timelineItem(event: JournalEvent, nameOf: (id: string) => string): TimelineItem {
  const payload = namePeople(event.payload ?? {}, nameOf);
  const describe = event.type.startsWith('problem.') ? describeProblemEvent : describeIncidentEvent;
  return {
    at: rfc3339(event.occurredAtMs),
    type: event.type,
    actor: { kind: event.actor.kind, id: nameOf(event.actor.id) },
    text: event.payload === null ? 'Redacted' : describe(event.type, payload),
    data: Object.fromEntries(
      Object.entries(payload).filter(([key]) => !LEFT_OUT.has(key) && event.type !== 'incident.opened'),
    ),
  };
}

function namePeople(payload: object, nameOf: (id: string) => string): object {
  return 'assignee' in payload && typeof payload.assignee === 'string'
    ? { ...payload, assignee: nameOf(payload.assignee) }
    : payload;
}
