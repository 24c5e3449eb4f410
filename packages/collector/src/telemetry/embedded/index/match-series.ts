import { type Matcher, matcherPredicate } from '@plimsoll/promql';
import type { SeriesRef } from '../../store.ts';
import { intersect } from './intersect.ts';
import type { SeriesIndex } from './series-index.ts';

interface CompiledMatcher extends Matcher {
  readonly accepts: (value: string) => boolean;
  /** An absent label counts as ''. A matcher that accepts it cannot narrow the search by postings. */
  readonly acceptsAbsent: boolean;
}

/** The series of each value that a matcher accepts: no other series satisfies it. */
interface Postings {
  readonly matcher: CompiledMatcher;
  readonly lists: readonly (readonly SeriesRef[])[];
}

/** The series that satisfy all matchers now, ascending; what is added later is not among them. No matcher at all matches every series. */
export function matchSeries(index: SeriesIndex, matchers: readonly Matcher[]): readonly SeriesRef[] {
  const compiled = matchers.map(compile);
  const postings = compiled
    .filter((matcher) => !matcher.acceptsAbsent)
    .map((matcher) => find(index, matcher));
  const base = smallest(postings);
  if (base === undefined) return filterRefs(index, Uint32Array.from(index.refs()), compiled);
  const [only] = base.lists;
  const done = new Set([base.matcher]);
  let refs: ArrayLike<SeriesRef> =
    base.lists.length === 1 && only !== undefined ? only : Uint32Array.from(base.lists.flat()).sort();
  for (const { matcher, lists } of postings) {
    const [list] = lists;
    if (lists.length !== 1 || list === undefined || done.has(matcher)) continue;
    refs = intersect(refs, list);
    done.add(matcher);
  }
  const rest = compiled.filter((matcher) => !done.has(matcher));
  return refs === only && rest.length === 0 ? index.keep(only) : filterRefs(index, refs, rest);
}

function compile(matcher: Matcher): CompiledMatcher {
  const accepts = matcherPredicate(matcher);
  return { ...matcher, accepts, acceptsAbsent: accepts('') };
}

function find(index: SeriesIndex, matcher: CompiledMatcher): Postings {
  const values = index.values(matcher.name);
  if (matcher.type === '=') {
    const refs = values.get(matcher.value);
    return { matcher, lists: refs === undefined ? [] : [refs] };
  }
  const lists: (readonly SeriesRef[])[] = [];
  for (const [value, refs] of values) if (matcher.accepts(value)) lists.push(refs);
  return { matcher, lists };
}

function smallest(candidates: readonly Postings[]): Postings | undefined {
  let best: Postings | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    let size = 0;
    for (const list of candidate.lists) size += list.length;
    if (size >= least) continue;
    least = size;
    best = candidate;
  }
  return best;
}

function filterRefs(
  index: SeriesIndex,
  refs: ArrayLike<SeriesRef>,
  matchers: readonly CompiledMatcher[],
): readonly SeriesRef[] {
  const conditions = matchers.map(({ name, accepts }) => index.judge(name, accepts));
  const kept: SeriesRef[] = [];
  for (let i = 0; i < refs.length; i++) {
    const ref = refs[i] ?? 0;
    if (index.has(ref) && holdsAll(conditions, ref)) kept.push(ref);
  }
  return kept;
}

/** Written out: with `every`, this would make an object for each series it looks at. */
function holdsAll(conditions: readonly ((ref: SeriesRef) => boolean)[], ref: SeriesRef): boolean {
  for (const holds of conditions) if (!holds(ref)) return false;
  return true;
}
