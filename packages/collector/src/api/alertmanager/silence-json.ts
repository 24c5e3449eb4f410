import { z } from 'zod';
import {
  type Silence,
  type SilenceMatcher,
  type SilenceState,
  silenceState,
} from '../../alertmanager/silence.ts';
import type { SilenceRequest } from '../../alertmanager/silences.ts';
import { describeIssues } from '../plimsoll/new-routes.ts';
import { AlertmanagerError } from './alertmanager-error.ts';
import { unreadable } from './read-json.ts';
import { readTime } from './read-time.ts';

const matcherSchema = z.object({
  name: z.string(),
  value: z.string(),
  isRegex: z.boolean(),
  isEqual: z.boolean().nullish(),
});

const postedSchema = z.object({
  id: z.string().nullish(),
  matchers: z.array(matcherSchema).nullish(),
  startsAt: z.string().nullish(),
  endsAt: z.string().nullish(),
  createdBy: z.string().nullish(),
  comment: z.string().nullish(),
});

/** Reads a posted silence. Refuses one that is over already, as Alertmanager does. */
export function readSilence(body: unknown, nowMs: number): SilenceRequest {
  const parsed = postedSchema.safeParse(body);
  if (!parsed.success) throw unreadable('silence', describeIssues(parsed.error.issues));
  const posted = parsed.data;
  const matchers = required('matchers', posted.matchers);
  if (matchers.length === 0) {
    throw AlertmanagerError.malformed(422, 'matchers in body should have at least 1 items', 612);
  }
  const comment = required('comment', posted.comment);
  const createdBy = required('createdBy', posted.createdBy);
  const startsAtMs = readTime(required('startsAt', posted.startsAt), 'silence') ?? 0;
  const endsAtMs = readTime(required('endsAt', posted.endsAt), 'silence') ?? 0;
  if (endsAtMs <= startsAtMs) {
    throw AlertmanagerError.refused(400, 'Failed to create silence: start time must be before end time');
  }
  if (endsAtMs < nowMs) {
    throw AlertmanagerError.refused(400, "Failed to create silence: end time can't be in the past");
  }
  const id = posted.id === undefined || posted.id === '' ? null : posted.id;
  return { id, matchers: matchers.map(toSilenceMatcher), startsAtMs, endsAtMs, createdBy, comment };
}

function required<T>(name: string, value: T | null | undefined): T {
  if (value !== null && value !== undefined) return value;
  throw AlertmanagerError.malformed(422, `${name} in body is required`, 602);
}

function toSilenceMatcher(matcher: z.infer<typeof matcherSchema>): SilenceMatcher {
  const { name, value, isRegex, isEqual } = matcher;
  return { name, value, isRegex, isEqual: isEqual ?? true };
}

/** A silence as Alertmanager's API shows it. */
export function silenceJson(silence: Silence, nowMs: number) {
  return {
    id: silence.id,
    status: { state: silenceState(silence, nowMs) },
    updatedAt: new Date(silence.updatedAtMs).toISOString(),
    comment: silence.comment,
    createdBy: silence.createdBy,
    endsAt: new Date(silence.endsAtMs).toISOString(),
    matchers: silence.matchers.map(({ isEqual, isRegex, name, value }) => ({
      isEqual,
      isRegex,
      name,
      value,
    })),
    startsAt: new Date(silence.startsAtMs).toISOString(),
  };
}

const ORDER: readonly SilenceState[] = ['active', 'pending', 'expired'];

/** Active ones by their end, pending ones by their start, then the expired, the newest end first. */
export function inOrder(silences: readonly Silence[], nowMs: number): readonly Silence[] {
  const rank = (silence: Silence): number => ORDER.indexOf(silenceState(silence, nowMs));
  const time = (silence: Silence): number => {
    const state = silenceState(silence, nowMs);
    if (state === 'expired') return -silence.endsAtMs;
    return state === 'active' ? silence.endsAtMs : silence.startsAtMs;
  };
  return silences.toSorted((a, b) => rank(a) - rank(b) || time(a) - time(b));
}
