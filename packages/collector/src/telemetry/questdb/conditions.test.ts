import type { Matcher } from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';
import { matcherCondition, timeCondition } from './conditions.ts';

const condition = (type: Matcher['type'], value: string) => matcherCondition('c', { name: 'c', type, value });

describe('conditions', () => {
  it('say what the matchers say', () => {
    expect(condition('=', "o'brien")).toBe(`"c" = 'o''brien'`);
    expect(condition('!=', 'a')).toBe(`"c" != 'a'`);
    expect(condition('=~', 'a|b')).toBe(`"c" IN ('a', 'b')`);
    expect(condition('!~', 'a|b')).toBe(`"c" NOT IN ('a', 'b')`);
    expect(condition('=~', 'a.*')).toBe(String.raw`"c" ~ '\A(?s:a.*)\z'`);
    expect(condition('!~', 'a.*')).toBe(String.raw`"c" !~ '\A(?s:a.*)\z'`);
  });

  it('are left out where the server could see it otherwise', () => {
    for (const value of ['', 'nul\0', '\ud800']) expect(condition('=', value)).toBeUndefined();
    for (const value of ['a|', '(?i)a', '[[:alpha:]]', String.raw`\d+`, 'a{2}', String.raw`\pL`, 'x++']) {
      expect(condition('=~', value), value).toBeUndefined();
    }
    expect(condition('=~', 'a|'.repeat(5000) + 'a')).toBeUndefined();
  });

  it('hold times within what the server can compare', () => {
    expect(timeCondition(0.5, 1.5)).toBe('"ts" >= 1000L AND "ts" <= 1000L');
    expect(timeCondition(-Infinity, Infinity)).toBe('"ts" >= 0000L AND "ts" <= 7289654399999000L');
  });
});
