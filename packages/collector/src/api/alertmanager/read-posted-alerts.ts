import { z } from 'zod';
import type { Alert } from '../../alertmanager/alert.ts';
import { MAX_ALERT_CHARACTERS, RESOLVE_TIMEOUT_MS } from '../../alertmanager/limits.ts';
import { describeIssues } from '../plimsoll/new-routes.ts';
import { AlertmanagerError } from './alertmanager-error.ts';
import { readTime } from './read-time.ts';
import { unreadable } from './read-json.ts';

const texts = z.record(z.string(), z.string());

const postedSchema = z.array(
  z.object({
    labels: texts.nullish(),
    annotations: texts.nullish(),
    startsAt: z.string().nullish(),
    endsAt: z.string().nullish(),
    generatorURL: z.string().nullish(),
  }),
);

type Posted = z.infer<typeof postedSchema>[number];

export interface PostedAlerts {
  readonly valid: readonly Alert[];
  /** Why the others are not, in Alertmanager's words. */
  readonly faults: readonly string[];
}

/** Reads a body of alerts. What has no meaning as a whole throws; single alerts that cannot be taken are told beside. */
export function readPostedAlerts(body: unknown, nowMs: number): PostedAlerts {
  const parsed = postedSchema.safeParse(body);
  if (!parsed.success) throw unreadable('alerts', describeIssues(parsed.error.issues));
  const valid: Alert[] = [];
  const faults: string[] = [];
  for (const [index, posted] of parsed.data.entries()) {
    const alert = toAlert(posted, index, nowMs);
    const fault = faultOf(alert);
    if (fault === undefined) valid.push(alert);
    else faults.push(fault);
  }
  return { valid, faults };
}

function toAlert(posted: Posted, index: number, nowMs: number): Alert {
  if (posted.labels === null || posted.labels === undefined) {
    throw AlertmanagerError.malformed(422, `${index}.labels in body is required`, 602);
  }
  const generatorUrl = posted.generatorURL ?? '';
  if (generatorUrl !== '' && !URL.canParse(generatorUrl, 'http://relative')) {
    const message = `${index}.generatorURL in body must be of type uri: ${JSON.stringify(generatorUrl)}`;
    throw AlertmanagerError.malformed(422, message, 601);
  }
  const startsAtMs = readTime(posted.startsAt, 'alerts');
  const endsAtMs = readTime(posted.endsAt, 'alerts');
  return {
    labels: Object.fromEntries(Object.entries(posted.labels).filter(([, value]) => value !== '')),
    annotations: posted.annotations ?? {},
    startsAtMs: startsAtMs ?? endsAtMs ?? nowMs,
    endsAtMs: endsAtMs ?? nowMs + RESOLVE_TIMEOUT_MS,
    updatedAtMs: nowMs,
    generatorUrl,
  };
}

function faultOf({ labels, annotations, startsAtMs, endsAtMs }: Alert): string | undefined {
  if (endsAtMs < startsAtMs) return 'start time must be before end time';
  if (Object.hasOwn(labels, '')) return 'invalid label set: invalid name ""';
  if (Object.keys(labels).length === 0) return 'at least one label pair required';
  if (Object.hasOwn(annotations, '')) return 'invalid annotations: invalid name ""';
  if (JSON.stringify([labels, annotations]).length > MAX_ALERT_CHARACTERS) {
    return `labels and annotations are longer than ${MAX_ALERT_CHARACTERS} characters`;
  }
  return undefined;
}
