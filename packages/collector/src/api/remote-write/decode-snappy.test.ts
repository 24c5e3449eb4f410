import fc from 'fast-check';
import { compress } from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { decodeSnappy, SnappyError } from './decode-snappy.ts';

const LIMIT = 1024 * 1024;

describe('decodeSnappy', () => {
  it('reads what another implementation wrote', () => {
    const compressible = fc.array(fc.constantFrom(0, 1, 2, 255), { maxLength: 5_000 });
    const texts = fc.oneof(
      fc.uint8Array({ maxLength: 5_000 }),
      compressible.map((bytes) => Uint8Array.from(bytes)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(Buffer.from(decodeSnappy(new Uint8Array(compress(text)), LIMIT))).toEqual(Buffer.from(text));
      }),
    );
  });

  it('reads long literals, far copies and overlapping runs', () => {
    const text = new Uint8Array(200_000);
    for (let i = 0; i < 70_000; i++) text[i] = (i * 2_654_435_761) >>> 24;
    text.copyWithin(70_000, 0, 70_000);
    text.fill(7, 140_000);
    expect(Buffer.from(decodeSnappy(new Uint8Array(compress(text)), LIMIT))).toEqual(Buffer.from(text));
  });

  it('answers a SnappyError, or at most the announced size, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          expect(decodeSnappy(bytes, 10_000).length).toBeLessThanOrEqual(10_000);
        } catch (error) {
          expect(error).toBeInstanceOf(SnappyError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['nothing', []],
    ['a size that never ends', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['a size over 32 bits', [0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['less text than announced', [5, 0b0000_0000, 65]],
    ['more text than announced', [1, 0b0000_0100, 65, 66]],
    ['a literal whose length is negative as a signed number', [4, 0b1111_1100, 0xff, 0xff, 0xff, 0xff]],
    ['a copy from before the start', [4, 0b0000_0001, 1]],
    ['a copy with offset zero', [5, 0b0000_0000, 65, 0b0000_0001, 0]],
    ['a copy cut off', [5, 0b0000_0000, 65, 0b0000_0010, 1]],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeSnappy(Uint8Array.from(bytes), LIMIT)).toThrow(SnappyError);
  });

  it('refuses a large announced size before it allocates', () => {
    expect(() => decodeSnappy(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f), LIMIT)).toThrow(/larger than/);
  });
});
