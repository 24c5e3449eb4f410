import { type Matcher, parseSelector } from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';
import { selectorText } from './selector-text.ts';

describe('selectorText', () => {
  it.each([
    { name: 'job', type: '=', value: 'a "quoted" \\ name\n' },
    { name: 'http.status.code', type: '=~', value: '5..' },
    { name: 'größe', type: '!=', value: '' },
  ] satisfies Matcher[])('writes $name so that it is read as the same', (matcher) => {
    const [first] = parseSelector(selectorText([matcher]));
    expect(first).toMatchObject(matcher);
  });

  it('demands some label where no matcher does: servers refuse what every series meets', () => {
    expect(selectorText([{ name: 'a', type: '!=', value: 'x' }])).toBe('{a!="x",__name__=~".+"}');
  });
});
