import { type Matcher, matcherPredicate } from '@plimsoll/promql';
import type { SeriesRef } from '../../store.ts';
import type { SeriesIndex } from './series-index.ts';

interface CompiledMatcher {
  /** The only value accepted, for plain equality. */
  readonly only: string | null;
  readonly name: string;
  readonly accepts: (value: string) => boolean;
  /** An absent label counts as ''. A matcher that accepts it cannot narrow the search by postings. */
  readonly acceptsAbsent: boolean;
}

/** The series that satisfy all matchers now, ascending; what is added later is not among them. No matcher at all matches every series. */
export function matchSeries(index: SeriesIndex, matchers: readonly Matcher[]): readonly SeriesRef[] {
  const compiled = matchers.map(compile);
  const bases = compiled
    .filter((matcher) => !matcher.acceptsAbsent)
    .map((matcher) => ({ matcher, lists: listsOf(index, matcher) }));
  const base = smallest(bases);
  if (base === undefined) return filterRefs(index, index.refs(), compiled);
  const rest = compiled.filter((matcher) => matcher !== base.matcher);
  const [only] = base.lists;
  if (base.lists.length === 1 && only !== undefined) {
    return rest.length === 0 ? index.keep(only) : filterRefs(index, only, rest);
  }
  const union = Uint32Array.from(base.lists.flat()).sort();
  return filterRefs(index, union, rest);
}

function compile(matcher: Matcher): CompiledMatcher {
  const accepts = matcherPredicate(matcher);
  if (matcher.type === '=')
    return { name: matcher.name, only: matcher.value, accepts, acceptsAbsent: accepts('') };
  return { name: matcher.name, only: null, accepts, acceptsAbsent: accepts('') };
}

function listsOf(index: SeriesIndex, matcher: CompiledMatcher): readonly (readonly SeriesRef[])[] {
  if (matcher.only !== null) {
    const refs = index.values(matcher.name).get(matcher.only);
    return refs === undefined ? [] : [refs];
  }
  const lists: (readonly SeriesRef[])[] = [];
  for (const [value, refs] of index.values(matcher.name)) if (matcher.accepts(value)) lists.push(refs);
  return lists;
}

function smallest<T extends { readonly lists: readonly (readonly SeriesRef[])[] }>(
  candidates: readonly T[],
): T | undefined {
  const size = (candidate: T): number => candidate.lists.reduce((sum, list) => sum + list.length, 0);
  return candidates.toSorted((a, b) => size(a) - size(b))[0];
}

function filterRefs(
  index: SeriesIndex,
  refs: Iterable<SeriesRef>,
  matchers: readonly CompiledMatcher[],
): readonly SeriesRef[] {
  const conditions = matchers.map(({ name, accepts }) => index.judge(name, accepts));
  const kept: SeriesRef[] = [];
  for (const ref of refs) {
    if (index.has(ref) && conditions.every((holds) => holds(ref))) kept.push(ref);
  }
  return kept;
}
