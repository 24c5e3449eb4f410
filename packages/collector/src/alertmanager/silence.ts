import { type Matcher, matcherError, matcherPredicate } from '@plimsoll/promql';

/** A matcher in the form of Alertmanager's API. */
export interface SilenceMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

/** Notifications of alerts that meet every matcher are withheld from start to end. Milliseconds since the Unix epoch. */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly SilenceMatcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string;
  readonly comment: string;
}

export type SilenceState = 'active' | 'pending' | 'expired';

export function silenceState({ startsAtMs, endsAtMs }: Silence, nowMs: number): SilenceState {
  if (nowMs >= endsAtMs) return 'expired';
  return nowMs < startsAtMs ? 'pending' : 'active';
}

/** The same matcher as queries write it. */
export function toMatcher({ name, value, isRegex, isEqual }: SilenceMatcher): Matcher {
  const type = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
  return { name, type, value };
}

/** Why matchers cannot make a silence, in Alertmanager's words; undefined when they can. */
export function matchersFault(matchers: readonly SilenceMatcher[]): string | undefined {
  for (const [index, matcher] of matchers.entries()) {
    if (matcher.name === '') return `invalid label matcher ${index}: invalid label name ""`;
    const fault = matcherError(toMatcher(matcher));
    if (fault !== undefined) {
      return `invalid label matcher ${index}: invalid regular expression ${JSON.stringify(matcher.value)}: ${fault}`;
    }
  }
  // Such a silence would withhold everything.
  return matchers.every((matcher) => matcherPredicate(toMatcher(matcher))(''))
    ? 'at least one matcher must not match the empty string'
    : undefined;
}

/** Whether labels meet every matcher; an absent label is an empty one. */
export function labelPredicate(
  matchers: readonly Matcher[],
): (labels: Readonly<Record<string, string>>) => boolean {
  const checks = matchers.map((matcher) => ({ name: matcher.name, meets: matcherPredicate(matcher) }));
  return (labels) =>
    checks.every(({ name, meets }) => meets(Object.hasOwn(labels, name) ? (labels[name] ?? '') : ''));
}
