import type { Matcher } from '@plimsoll/promql';

/** Whether a label value satisfies a matcher; regular expressions are anchored at both ends and `.` takes newlines. */
export function matcherPredicate(matcher: Matcher): (value: string) => boolean {
  const { type, value: wanted } = matcher;
  if (type === '=') return (value) => value === wanted;
  if (type === '!=') return (value) => value !== wanted;
  const pattern = new RegExp(`^(?:${wanted})$`, 'su');
  return type === '=~' ? (value) => pattern.test(value) : (value) => !pattern.test(value);
}
