import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toJson } from './to-json.ts';

it('escapes what Go escapes', () => {
  expect(toJson({ 'a<b': ['<&>', '\u2028\u2029', 'ä"'] })).toBe(
    String.raw`{"a\u003cb":["\u003c\u0026\u003e","\u2028\u2029","ä\""]}`,
  );
});

it('reads back', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(toJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
