import { describe, expect, it } from 'vitest';
import { linkOf } from './link.ts';

describe('linkOf', () => {
  it.each(['https://wiki.example/runbooks/host-silent', 'HTTP://wiki.example', '/runbooks/host-silent.html'])(
    'follows %s',
    (text) => {
      expect(linkOf(text)).toBe(text);
    },
  );

  it.each([
    'host-silent',
    'runbooks/disk.md',
    '//elsewhere.example/x',
    'javascript:alert(1)',
    'https://',
    '',
  ])('takes %j for a name', (text) => {
    expect(linkOf(text)).toBeNull();
  });

  it('has nowhere to lead without a text', () => {
    expect(linkOf(null)).toBeNull();
  });
});
