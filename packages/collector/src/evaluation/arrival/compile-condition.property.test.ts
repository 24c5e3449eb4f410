import { createEngine, Labels, MemoryStorage, parseExpression } from '@plimsoll/promql';
import { writeNoSample } from '@plimsoll/proto';
import { resultSamples } from '@plimsoll/rules';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCondition } from './compile-condition.ts';

const NAMES = ['a', 'b', 'c'];
const MOUNTPOINTS = ['/', '/var', '/home'];
const slots = NAMES.flatMap((name) =>
  MOUNTPOINTS.map((mountpoint) => Labels.of({ __name__: name, mountpoint, host: 'x' })),
);

const operand = fc.constantFrom(
  'a',
  'b',
  'c{mountpoint!="/"}',
  '(a + 1)',
  '-b',
  'abs(c)',
  'a / b',
  'b * 2',
  'sum by (host) (a)',
  'max without (mountpoint) (b)',
);
const comparison = fc.constantFrom('<', '<=', '>', '>=', '==', '!=');
const constant = fc.constantFrom('0', '1', '2.5', '-1', '1 / 3');
const condition = fc.oneof(
  fc.tuple(operand, comparison, constant).map((parts) => parts.join(' ')),
  fc.tuple(constant, comparison, operand).map((parts) => parts.join(' ')),
  fc.tuple(operand, comparison, operand).map((parts) => parts.join(' ')),
);
const expression = fc.oneof(
  condition,
  fc
    .tuple(
      condition,
      fc.constantFrom('and', 'unless', 'and on (mountpoint)', 'and ignoring (host)'),
      condition,
    )
    .map((parts) => parts.join(' ')),
);
/** undefined: the frame has no sample of that series. */
const value = fc.constantFrom(0, 1, 2, 2.5, -1, 1e9, NaN, Infinity, undefined);
const frame = fc.array(value, { minLength: slots.length, maxLength: slots.length });

describe('compileCondition', () => {
  it('yields what the query engine yields for the samples of a frame', async () => {
    const engine = createEngine();
    await fc.assert(
      fc.asyncProperty(expression, frame, async (text, samples) => {
        const values = new Float64Array(slots.length);
        const storage = new MemoryStorage();
        samples.forEach((sample, i) => {
          values[i] = sample ?? 0;
          if (sample === undefined) writeNoSample(values, i);
          else storage.append(slots[i] ?? Labels.EMPTY, [{ timeMs: 1000, value: sample }]);
        });
        const elements = compileCondition(parseExpression(text), slots);
        expect(elements).toBeDefined();
        const compiled = (elements ?? []).flatMap(({ labels, read }) => {
          const result = read(values);
          return result === undefined ? [] : [`${labels.toString()} ${result}`];
        });
        const result = await engine.queryInstant({ text, timeMs: 1000, queryable: storage });
        const queried = resultSamples(result.value).map(
          ({ labels, value: got }) => `${labels.without('__name__').toString()} ${got}`,
        );
        expect(compiled.toSorted()).toEqual(queried.toSorted());
      }),
      { numRuns: 500 },
    );
  });
});
