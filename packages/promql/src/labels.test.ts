import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Labels } from './labels.ts';

const name = fc.constantFrom('__name__', '__type__', 'a', 'b', 'c', 'instance', 'job', 'ä');
const record = fc.dictionary(name, fc.constantFrom('', 'x', 'y\0z'));

it('sets labels as if they had been given at once', () => {
  fc.assert(
    fc.property(record, record, (before, changes) => {
      const changed = Labels.of(before).with(changes);
      expect(changed.pairs).toEqual(Labels.of({ ...before, ...changes }).pairs);
      expect(changed.key).toBe(Labels.of({ ...before, ...changes }).key);
    }),
  );
});

it('leaves out what describes the metric, and gives the same labels again', () => {
  const labels = Labels.of({ __name__: 'a', __type__: 'gauge', __unit__: 's', host: 'x' });
  expect(labels.withoutMetadata().toRecord()).toEqual({ host: 'x' });
  expect(labels.withoutMetadata()).toBe(labels.withoutMetadata());
});
