import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReceivedRanges } from './received-ranges.ts';

it('holds the sequences a set would hold, as the fewest ranges', () => {
  const change = fc.record({ add: fc.boolean(), epoch: fc.nat(1), first: fc.nat(30), length: fc.nat(4) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const ranges = new ReceivedRanges();
      const model = [new Set<number>(), new Set<number>()];
      for (const { add, epoch, first, length } of changes) {
        // Added ranges never hold what is there: a frame that is there is a duplicate.
        const fresh = Array.from({ length: length + 1 }, (_, i) => first + i);
        if (add) {
          for (const sequence of fresh) {
            if (model[epoch]?.has(sequence) === true) continue;
            ranges.add(epoch, sequence, sequence);
            model[epoch]?.add(sequence);
          }
        } else {
          ranges.remove(epoch, first, first + length);
          for (const sequence of fresh) model[epoch]?.delete(sequence);
        }
      }
      for (let sequence = 0; sequence < 40; sequence++) {
        for (const epoch of [0, 1]) expect(ranges.has(epoch, sequence)).toBe(model[epoch]?.has(sequence));
      }
      const all = ranges.ranges();
      all.forEach(({ epoch, first, last }, i) => {
        expect(first).toBeLessThanOrEqual(last);
        if (all[i - 1]?.epoch === epoch) expect(first).toBeGreaterThan((all[i - 1]?.last ?? 0) + 1);
      });
    }),
  );
});
