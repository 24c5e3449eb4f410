import { describe, expect, it } from 'vitest';
import { formatSort, matchesSearch, nextSort, parseSort, sortRows, withQuery } from './url-state.ts';

describe('withQuery', () => {
  it('sets, replaces and removes parameters and keeps the others', () => {
    expect(withQuery('/hosts?q=db&sort=cpu', { sort: '-cpu', q: null })).toBe('/hosts?sort=-cpu');
    expect(withQuery('/hosts', { q: 'a b&c' })).toBe('/hosts?q=a+b%26c');
    expect(withQuery('/hosts?q=x', { q: '' })).toBe('/hosts');
  });
});

const key = (row: { v: number | null }) => row.v;

describe('sorting', () => {
  it('goes from the preferred direction to the other and back to none', () => {
    const first = nextSort(null, 'cpu', true);
    const second = nextSort(first, 'cpu', true);
    expect([first, second, nextSort(second, 'cpu', true)].map(formatSort)).toEqual(['-cpu', 'cpu', null]);
    expect(formatSort(nextSort(first, 'memory', false))).toBe('memory');
  });

  it('reads what it wrote', () => {
    for (const text of ['cpu', '-cpu']) expect(formatSort(parseSort(text, null))).toBe(text);
    expect(parseSort(undefined, { column: 'full', descending: false })?.column).toBe('full');
  });

  it('keeps rows without a value last, whichever way', () => {
    const rows = [{ v: 2 }, { v: null }, { v: 10 }, { v: 1 }];
    expect(sortRows(rows, key, false).map(key)).toEqual([1, 2, 10, null]);
    expect(sortRows(rows, key, true).map(key)).toEqual([10, 2, 1, null]);
  });

  it('orders host names as people count', () => {
    const names = ['web-10', 'web-9', 'db-1'];
    expect(sortRows(names, (name) => name, false)).toEqual(['db-1', 'web-9', 'web-10']);
  });
});

describe('matchesSearch', () => {
  it('wants every word somewhere, whatever its case', () => {
    expect(matchesSearch('DB prod', ['db-01', null, 'env=prod'])).toBe(true);
    expect(matchesSearch('db test', ['db-01', 'env=prod'])).toBe(false);
    expect(matchesSearch('', ['anything'])).toBe(true);
  });
});
