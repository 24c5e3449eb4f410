import { Labels, matcherError, matcherPredicate } from '@plimsoll/promql';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coveringSelector } from './covering-selector.ts';

const label = fc.record({
  __name__: fc.constantFrom('a', 'b.c', 'd|e'),
  instance: fc.string(),
  mode: fc.constantFrom('', 'x', '(y)', '$'),
});

it('is met by each of the series, whatever their labels hold', () => {
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 30 }), (records) => {
      const series = records.map((record) => Labels.of(record));
      const matchers = coveringSelector(series);
      for (const matcher of matchers) {
        expect(matcherError(matcher)).toBeUndefined();
        for (const labels of series) expect(matcherPredicate(matcher)(labels.get(matcher.name))).toBe(true);
      }
    }),
  );
});

it('tells series apart by name and by the label that differs most', () => {
  const series = Array.from({ length: 3 }, (_, i) =>
    Labels.of({ __name__: 'up', instance: `host.${i}`, job: 'node' }),
  );
  expect(coveringSelector(series)).toEqual([
    { name: '__name__', type: '=', value: 'up' },
    { name: 'instance', type: '=~', value: String.raw`host\.0|host\.1|host\.2` },
    { name: 'job', type: '=', value: 'node' },
  ]);
  const many = Array.from({ length: 3_000 }, (_, i) => Labels.of({ __name__: 'up', instance: String(i) }));
  expect(coveringSelector(many)).toEqual([{ name: '__name__', type: '=', value: 'up' }]);
  expect(coveringSelector([Labels.EMPTY])).toEqual([]);
});
