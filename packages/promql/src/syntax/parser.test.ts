import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatExpression } from './format.ts';
import { parseExpression, parseSelector } from './parser.ts';
import { PromqlParseError } from './position.ts';
import { parseSeriesDescription } from './series-description.ts';

const ALL = { experimentalFunctions: true, fillModifiers: true, unquotedUtf8Names: true };

function errorOf(text: string, options = {}): string {
  try {
    parseExpression(text, options);
  } catch (error) {
    if (error instanceof PromqlParseError) return error.message;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('parseExpression', () => {
  it.each([
    ['a + b * c ^ d ^ e', 'a + b * c ^ d ^ e'],
    ['- a ^ 2', '-a ^ 2'],
    ['a offset 5m - 3', 'a offset 5m - 3'],
    ['sum(x) by (host)', 'sum by (host) (x)'],
    ["{'up', job='n'}", '{__name__="up",job="n"}'],
    ['rate(x[1h30m] @ end() offset -30s)', 'rate(x[1h30m] @ end() offset -30s)'],
    ['a /* fill */'.slice(0, 1), 'a'],
    ['x # a remark\n + y', 'x + y'],
    ['0x1F + 017 + 1_000', '31 + 15 + 1000'],
    ['2e3', '2000'],
    ['90s', '1m30s'],
  ])('writes %s as %s', (text, canonical) => {
    expect(formatExpression(parseExpression(text))).toBe(canonical);
  });

  it('binds operators by precedence', () => {
    const parsed = parseExpression('a or b and c == d + e * f');
    expect(parsed).toMatchObject({
      operator: 'or',
      right: {
        operator: 'and',
        right: { operator: '==', right: { operator: '+', right: { operator: '*' } } },
      },
    });
    expect(parseExpression('2 ^ 3 ^ 2')).toMatchObject({ left: { value: 2 }, right: { operator: '^' } });
    expect(parseExpression('a - b - c')).toMatchObject({ left: { operator: '-' }, right: { name: 'c' } });
  });

  it('keeps the places of parts', () => {
    const parsed = parseExpression('1 + sum(rate(x[5m]))');
    if (parsed.kind !== 'binary') throw new Error('no binary');
    expect(parsed.right.position).toEqual({ start: 4, end: 20 });
  });

  it.each([
    ['sum(é)', "1:5: parse error: unexpected character: 'é'"],
    ['x{é="1"}', "1:3: parse error: unexpected character inside braces: 'é'"],
    ['"é" + ', '1:8: parse error: unexpected end of input'],
    ['a\n+ )', "2:4: parse error: unexpected right parenthesis ')'"],
    [
      'rate(x)',
      '1:6: parse error: expected type range vector in call to function "rate", got instant vector',
    ],
    [
      'limitk(2, x)',
      '1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions',
    ],
    ['a + fill(0) b', '1:1: parse error: binop fill modifiers are experimental and not enabled'],
  ])('refuses %j', (text, message) => {
    expect(errorOf(text)).toBe(message);
  });

  it('refuses deep nesting instead of running out of stack', () => {
    for (const text of [
      '('.repeat(100_000),
      `${'-'.repeat(100_000)}1`,
      `${'abs('.repeat(50_000)}x`,
      `x${'[1m:1m]'.repeat(9)}`,
    ]) {
      expect(() => parseExpression(text)).toThrow(PromqlParseError);
    }
    expect(errorOf(`x${' + x'.repeat(100_000)}`)).toContain('deeper than 1000 operations');
    expect(errorOf(`x${'[1m:1m]'.repeat(5000)}`)).toContain('deeper than 1000 operations');
    expect(errorOf('x[5m]'.padStart(3000, '('))).toContain('nested deeper than 500 levels');
  });

  it('gives an error or a tree for any text', () => {
    const soup = fc
      .array(
        fc.constantFrom(
          ...'sum rate x by without on ignoring group_left bool offset @ start() end() 5m 1 0x 1e "a" \' ` { } [ ] ( ) , = =~ != + - * / ^ == atan2 and or fill(1) anchored step() max_of( : # \n \\x é'.split(
            ' ',
          ),
        ),
      )
      .map((parts) => parts.join(' '));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), soup), (text) => {
        for (const read of [
          () => parseExpression(text, ALL),
          () => parseSelector(text),
          () => parseSeriesDescription(text),
        ]) {
          try {
            read();
          } catch (error) {
            if (!(error instanceof PromqlParseError)) throw error;
          }
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('writes what reads back the same', () => {
    const leaf = fc.constantFrom(
      'x',
      'x{a="b"}',
      '1',
      'rate(x[5m])',
      'x offset 1m',
      'x @ 3',
      '(x + y)',
      'sum by (a) (x)',
    );
    const operator = fc.constantFrom('+', '-', '*', '/', '^', '> bool', '== bool', 'atan2');
    const expression = fc.array(fc.tuple(leaf, operator), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(expression, (parts) => {
        const text = `${parts.map(([operand, sign]) => `${operand} ${sign}`).join(' ')} y`;
        const canonical = formatExpression(parseExpression(text));
        expect(formatExpression(parseExpression(canonical))).toBe(canonical);
      }),
    );
  });
});
