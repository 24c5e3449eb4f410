import { PromqlParseError } from './position.ts';

/** Invalid UTF-8 reaches JavaScript as the replacement character or, in a UTF-16 string, as a lone surrogate. */
function isBrokenRune(char: string): boolean {
  return char === '\ufffd' || (char.length === 1 && char >= '\ud800' && char <= '\udfff');
}

/** Scans a string literal that starts at `start` with its quote; the end is after the closing quote. */
export function scanString(text: string, start: number): number {
  const quote = text[start] ?? '';
  const raw = quote === '`';
  let at = start + 1;
  for (;;) {
    const char = charAt(text, at);
    if (char === '' || (char === '\n' && !raw)) {
      throw fail(text, start, raw ? 'unterminated raw string' : 'unterminated quoted string');
    }
    if (isBrokenRune(char)) throw fail(text, start, 'invalid UTF-8 rune');
    at += char.length;
    if (char === quote) return at;
    if (char === '\\' && !raw) at = scanEscape(text, start, at, quote);
  }
}

const WIDTHS: Readonly<Record<string, { digits: number; base: number; max: number }>> = {
  x: { digits: 2, base: 16, max: 255 },
  u: { digits: 4, base: 16, max: 0x10ffff },
  U: { digits: 8, base: 16, max: 0x10ffff },
};

function scanEscape(text: string, start: number, at: number, quote: string): number {
  const kind = charAt(text, at);
  if (kind === '') throw fail(text, start, 'escape sequence not terminated');
  if (kind === quote || 'abfnrtv\\'.includes(kind)) return at + 1;
  const octal = kind >= '0' && kind <= '7';
  const width = octal ? { digits: 3, base: 8, max: 255 } : WIDTHS[kind];
  if (!width) throw fail(text, start, `unknown escape sequence ${describeRune(kind)}`);
  const from = octal ? at : at + 1;
  let value = 0;
  for (let i = 0; i < width.digits; i++) {
    const char = charAt(text, from + i);
    if (char === '') throw fail(text, start, 'escape sequence not terminated');
    const digit = digitValue(char);
    if (digit >= width.base)
      throw fail(text, start, `illegal character ${describeRune(char)} in escape sequence`);
    value = value * width.base + digit;
  }
  if (value > width.max || (value >= 0xd800 && value < 0xe000)) {
    throw fail(text, start, 'escape sequence is an invalid Unicode code point');
  }
  return from + width.digits;
}

function digitValue(char: string): number {
  return /^[0-9a-fA-F]$/.test(char) ? Number.parseInt(char, 16) : 16;
}

function charAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

/** As Go's `%#U`: `U+0063 'c'`. */
function describeRune(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char) ? `${name} '${char}'` : name;
}

function fail(text: string, start: number, detail: string): PromqlParseError {
  return new PromqlParseError(detail, { start, end: text.length }, text);
}
