import { type Labels, type Matcher, matcherPredicate } from '@plimsoll/promql';

/** Matchers that all have to hold. */
export interface Selection {
  readonly matchers: readonly Matcher[];
  /** Whether a value of this label satisfies all matchers on it; '' for an absent label. */
  allows(name: string, value: string): boolean;
  matches(labels: Labels): boolean;
}

export function toSelection(matchers: readonly Matcher[]): Selection {
  const checks = matchers.map((matcher) => ({ name: matcher.name, check: matcherPredicate(matcher) }));
  return {
    matchers,
    allows: (name, value) => checks.every((each) => each.name !== name || each.check(value)),
    matches: (labels) => checks.every(({ name, check }) => check(labels.get(name))),
  };
}
