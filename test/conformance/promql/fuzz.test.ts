import { formatExpression, parseExpression, parseSelector, PromqlParseError } from '@plimsoll/promql';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { budget, seedOf } from '../../support/budget.ts';

/** Pieces of the language, so that what is made of them gets far before it is wrong, or is right. */
const PIECES =
  'sum rate x up{a="b"} {__name__=~".+"} by without on ignoring group_left(a) bool offset @ start() end() [5m] [1h:30s] 5m 1 0x1F 1e9 Inf "a" \'b\' `c` { } [ ] ( ) , = =~ != !~ + - * / % ^ == > atan2 and or unless topk(2, quantile(0.9, histogram_quantile(0.5, label_replace( anchored smoothed step() # \n \\x é \u0000'.split(
    ' ',
  );

// The long run is the fuzz: minutes of texts nobody would write.
it(
  'gives an error with a place, or a tree whose text is read again, for any text',
  { timeout: 900_000 },
  () => {
    const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 });
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ maxLength: 200 }),
      pieces.map((parts) => parts.join(' ')),
      pieces.map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (query) => {
        for (const read of [writeAgain, parseSelector]) {
          try {
            read(query);
          } catch (error) {
            expect(error).toBeInstanceOf(PromqlParseError);
          }
        }
      }),
      { numRuns: budget({ short: 1000, long: 400_000 }), seed: seedOf('queries of any text') },
    );
  },
);

function writeAgain(query: string): void {
  // Not always the same again: an infinity gets a sign, which is then an operator's. So it is in Prometheus.
  parseExpression(formatExpression(parseExpression(query)));
}
