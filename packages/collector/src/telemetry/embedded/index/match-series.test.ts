import { Labels, type Matcher, matcherPredicate } from '@plimsoll/promql';
import { expect, test } from 'vitest';
import { randomOf, seedOf } from '../../../../../../test/support/budget.ts';
import { matchSeries } from './match-series.ts';
import { SeriesIndex } from './series-index.ts';

const NAMES = ['__name__', 'instance', 'job', 'part', 'unknown'];
const VALUES = ['', 'a', 'b', 'c', 'ab', 'abc'];
const PATTERNS = ['', 'a', 'a|b', 'a.*', '.*', '.+', '[^a]*', 'nothing'];

test('matchers find the series that looking at each of them finds', () => {
  const random = randomOf(seedOf('match-series'));
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const index = new SeriesIndex();
  const series = new Map<number, Labels>();
  for (let n = 0; n < 400; n++) {
    const labels = Labels.of(Object.fromEntries(NAMES.slice(0, 4).map((name) => [name, one(VALUES)])));
    if (index.find(labels) === undefined) series.set(index.add(labels), labels);
  }
  const gone = new Set([...series.keys()].filter(() => random() < 0.2));
  index.retire(gone);
  for (const ref of gone) series.delete(ref);
  for (let round = 0; round < 2000; round++) {
    const matchers = Array.from({ length: Math.floor(random() * 4) }, (): Matcher => {
      const type = one(['=', '!=', '=~', '!~'] as const);
      return { name: one(NAMES), type, value: one(type === '=' || type === '!=' ? VALUES : PATTERNS) };
    });
    const tests = matchers.map((matcher) => ({ name: matcher.name, accepts: matcherPredicate(matcher) }));
    const expected = [...series].filter(([, labels]) =>
      tests.every(({ name, accepts }) => accepts(labels.get(name))),
    );
    expect(matchSeries(index, matchers), JSON.stringify(matchers)).toEqual(expected.map(([ref]) => ref));
  }
});
