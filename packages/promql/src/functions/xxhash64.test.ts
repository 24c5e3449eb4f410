import { describe, expect, it } from 'vitest';
import { xxhash64 } from './xxhash64.ts';

const hash = (text: string) => xxhash64(new TextEncoder().encode(text)).toString(16);

describe('xxhash64', () => {
  it('gives the hashes of the reference implementation', () => {
    expect(hash('')).toBe('ef46db3751d8e999');
    expect(hash('a')).toBe('d24ec4f1a98c6e5b');
    expect(hash('abc')).toBe('44bc2cf5ad770999');
    expect(hash('Nobody inspects the spammish repetition')).toBe('fbcea83c8a378bf1');
  });
});
