import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { literalAlternatives, matcherError, matcherPredicate } from './matcher.ts';

const regex = (value: string) => matcherPredicate({ name: 'a', type: '=~', value });

describe('matcherPredicate', () => {
  it('matches the whole value', () => {
    expect(regex('a')('ab')).toBe(false);
    expect(regex('a|ab')('ab')).toBe(true);
    expect(regex('.*')('a\nb')).toBe(true);
    expect(regex('x.+')('x')).toBe(false);
    expect(matcherPredicate({ name: 'a', type: '!~', value: 'b.*' })('')).toBe(true);
  });

  it('takes its short cuts only where they change nothing', () => {
    const pattern = fc.constantFrom('a', 'b', 'ab', '.*', '.+', '|', '(', ')', '?', 'x', '.', '\\.');
    const value = fc.string({ unit: fc.constantFrom('a', 'b', 'x', '.', '\n', '|') });
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 5 }), value, (parts, text) => {
        const source = parts.join('');
        if (matcherError({ name: 'a', type: '=~', value: source }) !== undefined) return;
        expect(regex(source)(text)).toBe(RE2JS.compile(`^(?s:${source})$`).testExact(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('tells which patterns are lists of literals', () => {
    expect(literalAlternatives('a|b|c d')).toEqual(['a', 'b', 'c d']);
    expect(literalAlternatives('(a|b)')).toEqual(['a', 'b']);
    expect(literalAlternatives('a.b')).toBeUndefined();
  });

  it('names what is wrong with a pattern', () => {
    expect(matcherError({ name: 'a', type: '=~', value: '(' })).toContain('error parsing regexp');
    expect(matcherError({ name: 'a', type: '=', value: '(' })).toBeUndefined();
  });
});
