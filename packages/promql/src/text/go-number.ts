/**
 * Numbers as Go's `strconv` reads and writes them, which is what PromQL, its HTTP API and its test files use.
 */

// An underscore stands between two digits, or between a base's prefix and its first digit.
const DIGITS = String.raw`\d(?:_?\d)*`;
const DECIMAL = new RegExp(`^[+-]?(?:${DIGITS}\\.?(?:${DIGITS})?|\\.${DIGITS})(?:e[+-]?${DIGITS})?$`, 'i');
const INTEGER = new RegExp(`^[+-]?(?:0x(?:_?[0-9a-f])+|0b(?:_?[01])+|0o(?:_?[0-7])+|${DIGITS})$`, 'i');
const HEX_FLOAT = /^([+-]?)0x((?:_?[0-9a-f])*)\.?((?:[0-9a-f]_?)*)p([+-]?\d+)$/i;
const WORD = /^([+-]?)(inf|infinity|nan)$/i;

/** Parses a floating-point number as `strconv.ParseFloat` does; undefined where the syntax is wrong. */
export function parseGoFloat(text: string): number | undefined {
  const word = WORD.exec(text);
  if (word) {
    if (word[2]?.toLowerCase() === 'nan') return Number.NaN;
    return word[1] === '-' ? -Infinity : Infinity;
  }
  if (DECIMAL.test(text)) return Number(text.replaceAll('_', ''));
  const hex = HEX_FLOAT.exec(text);
  if (!hex) return undefined;
  const fraction = (hex[3] ?? '').replaceAll('_', '');
  const digits = (hex[2] ?? '').replaceAll('_', '') + fraction;
  if (digits === '') return undefined;
  const value = Number(BigInt(`0x${digits}`)) * 2 ** (Number(hex[4]) - 4 * fraction.length);
  return hex[1] === '-' ? -value : value;
}

/** Parses a number literal of PromQL: an integer in any of Go's bases (a leading 0 means octal), else a float. */
export function parseGoNumber(text: string): number | undefined {
  if (INTEGER.test(text)) {
    const integer = parseGoInteger(text.replaceAll('_', ''));
    if (integer !== undefined) return integer;
  }
  return parseGoFloat(text);
}

function parseGoInteger(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[+-]/, '').toLowerCase();
  if (/^0[xbo]/.test(digits)) return withinInt64(sign, digits);
  if (digits.length > 1 && digits.startsWith('0')) {
    return /^[0-7]+$/.test(digits) ? withinInt64(sign, `0o${digits.slice(1)}`) : undefined;
  }
  return withinInt64(sign, digits);
}

function withinInt64(sign: number, digits: string): number | undefined {
  const value = BigInt(digits);
  return value < 1n << 63n ? sign * Number(value) : undefined;
}

/** As `strconv.FormatFloat(value, 'f', -1, 64)`: the shortest decimal that reads back, never an exponent. */
export function formatGoFloat(value: number): string {
  const special = formatSpecial(value);
  if (special !== undefined) return special;
  const text = String(value);
  return text.includes('e') ? expandExponent(text) : text;
}

/** As Go's `%v` and `%g`: an exponent below 1e-4 and from 1e6 on. */
export function formatGoGeneral(value: number): string {
  const special = formatSpecial(value);
  if (special !== undefined) return special;
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (value === 0 || (exponent >= -4 && exponent < 6)) return formatGoFloat(value);
  const digits = String(Math.abs(exponent)).padStart(2, '0');
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`;
}

/** As Go's `%.2g`: two digits, a tie going to the even one, an exponent below 1e-4 and from 100 on. */
export function formatGoTwoDigits(value: number): string {
  const special = formatSpecial(value);
  if (special !== undefined || value === 0) return special ?? '0';
  const [digits = '', exponentText = '0'] = value.toExponential(20).split('e');
  const exponent = Number(exponentText);
  const tie = /^-?\d\.(\d)50*$/.exec(digits);
  const even = tie !== null && Number(tie[1]) % 2 === 0;
  const mantissa = even ? digits.slice(0, digits.indexOf('.') + 2) : value.toExponential(1).split('e')[0];
  const rounded = Number(`${mantissa}e${even ? exponent : (value.toExponential(1).split('e')[1] ?? '0')}`);
  if (exponent >= -4 && Math.abs(rounded) < 100) return formatGoFloat(rounded);
  const [shown = '', shownExponent = '0'] = rounded.toExponential().split('e');
  const power = String(Math.abs(Number(shownExponent))).padStart(2, '0');
  return `${shown}e${Number(shownExponent) < 0 ? '-' : '+'}${power}`;
}

function formatSpecial(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return Object.is(value, -0) ? '-0' : undefined;
}

function expandExponent(text: string): string {
  const [mantissa = '', exponentText = '0'] = text.split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const exponent = Number(exponentText);
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - whole.length)}${whole}${fraction}`;
  return `${sign}${whole}${fraction.padEnd(exponent, '0')}`;
}
