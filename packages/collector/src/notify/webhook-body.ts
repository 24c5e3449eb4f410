import type { IncidentJson } from '../desk/json/incident.ts';
import { fingerprint } from './fingerprint.ts';
import { incidentUrl, type Message } from './message.ts';
import { isEnding } from './topic.ts';

/** Go's zero time: Alertmanager's way to say that an alert has not ended. */
const NOT_ENDED = '0001-01-01T00:00:00Z';

/**
 * The JSON body of a webhook: Alertmanager's version 4, so that its receivers work unchanged, and beside it, under
 * `plimsoll`, the event and the incident with everything Alertmanager has no word for.
 */
export function webhookBody(
  message: Message,
  { channel, externalUrl }: { readonly channel: string; readonly externalUrl: string | null },
): string {
  const { incident, topic } = message;
  const status = isEnding(topic) ? 'resolved' : 'firing';
  const labels = alertLabels(incident);
  const annotations = alertAnnotations(incident);
  return JSON.stringify({
    version: '4',
    groupKey: `plimsoll/incident/${incident.id}`,
    truncatedAlerts: 0,
    status,
    receiver: channel,
    groupLabels: {},
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: externalUrl ?? '',
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt: incident.onsetAt,
        endsAt:
          status === 'resolved'
            ? (incident.recoveredAt ?? incident.resolvedAt ?? message.eventAt)
            : NOT_ENDED,
        generatorURL: incidentUrl(externalUrl, incident.number) ?? '',
        fingerprint: fingerprint(labels),
      },
    ],
    plimsoll: {
      event: { id: message.eventId, topic, at: message.eventAt, detail: message.detail },
      incident,
    },
  });
}

/** An incident opened by hand has no alert's labels: receivers still need a name and a severity. */
export function alertLabels(incident: IncidentJson): Record<string, string> {
  return { alertname: incident.title, severity: incident.severity, ...incident.labels };
}

function alertAnnotations(incident: IncidentJson): Record<string, string> {
  const description = incident.description === null ? {} : { description: incident.description };
  return { summary: incident.title, ...description, ...incident.annotations };
}
