import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockMemory } from './block-memory.ts';

const DOUBLES = 64;

describe('BlockMemory', () => {
  it('never gives memory twice, and has all of it again in the end', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.nat())), (steps) => {
        const memory = new BlockMemory(DOUBLES * 8);
        const held: { values: Float64Array<SharedArrayBuffer>; mark: number }[] = [];
        steps.forEach(([doubles, pick], mark) => {
          if (doubles > 30 && held.length > 0) {
            const [gone] = held.splice(pick % held.length, 1);
            if (gone !== undefined) memory.give(gone.values);
          } else {
            const values = memory.take(doubles);
            expect(values).toHaveLength(doubles);
            held.push({ values: values.fill(mark), mark });
          }
          for (const each of held) expect(each.values.every((value) => value === each.mark)).toBe(true);
        });
        for (const { values } of held) memory.give(values);
        const all = memory.take(DOUBLES);
        const more = memory.take(1);
        expect(all.buffer.byteLength).toBe(DOUBLES * 8);
        expect(more.buffer).not.toBe(all.buffer);
      }),
    );
  });
});
