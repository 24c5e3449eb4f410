import { describe, expect, it } from 'vitest';
import { hasStaleMarker, isStaleMarker, setStaleMarker } from './stale-marker.ts';

describe('stale markers', () => {
  it('are told from NaN by their bits', () => {
    const values = new Float64Array([1, Number.NaN, 3]);
    expect(hasStaleMarker(values)).toBe(false);
    setStaleMarker(values, 2);
    expect([0, 1, 2].map((index) => isStaleMarker(values, index))).toEqual([false, false, true]);
    expect(Number.isNaN(values[2])).toBe(true);
    expect(new BigUint64Array(values.buffer)[2]).toBe(0x7ff0000000000002n);
  });

  it('are told with the quiet bit set too, and in a part of a buffer', () => {
    const words = new BigUint64Array([0n, 0x7ff8000000000002n]);
    const values = new Float64Array(words.buffer, 8, 1);
    expect(isStaleMarker(values, 0)).toBe(true);
  });
});
