import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { specialWord, writeSpecial } from './special-values.ts';

function wordOf(bits: bigint): string {
  return specialWord(new Float64Array(BigUint64Array.of(0n, bits).buffer), 1);
}

describe('special values', () => {
  it('keep their bits', () => {
    const low = fc.bigInt({ min: 1n, max: 0xf_ffff_ffff_ffffn });
    fc.assert(
      fc.property(low, fc.boolean(), (payload, negative) => {
        const bits = payload | 0x7ff0_0000_0000_0000n | (negative ? 1n << 63n : 0n);
        const back = new BigUint64Array(2);
        writeSpecial(wordOf(bits), new Float64Array(back.buffer), 1);
        expect(back[1]).toBe(bits);
      }),
    );
  });

  it('have words that can be read', () => {
    expect(wordOf(0x7ff0_0000_0000_0002n)).toBe('stale');
    expect(wordOf(0x7ff8_0000_0000_0001n)).toBe('nan:7ff8000000000001');
    expect(specialWord(Float64Array.of(Infinity, -Infinity, -0, 1), 0)).toBe('+Inf');
    expect(specialWord(Float64Array.of(Infinity, -Infinity, -0, 1), 1)).toBe('-Inf');
    expect(specialWord(Float64Array.of(Infinity, -Infinity, -0, 1), 2)).toBe('');
  });
});
