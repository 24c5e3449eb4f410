import { describe, expect, it } from 'vitest';
import { hostLook, isReporting } from './tones.ts';

describe('hostLook', () => {
  it('does not claim that a host is up which has not been heard since the collector started', () => {
    expect(hostLook({ state: 'up', heard: false }).word).toBe('Not heard yet');
    expect(hostLook({ state: 'up', heard: true }).word).toBe('Up');
    expect(hostLook({ state: 'silent', heard: false }).word).toBe('Silent');
  });

  it('believes a collector that does not tell', () => {
    expect(hostLook({ state: 'up' }).word).toBe('Up');
    expect(isReporting({ state: 'up' })).toBe(true);
    expect(isReporting({ state: 'up', heard: false })).toBe(false);
  });
});
