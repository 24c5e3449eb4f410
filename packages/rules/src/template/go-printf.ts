import { formatGoGeneral, quoteGo } from '@plimsoll/promql';
import { formatExponent, formatFixed, formatGeneral } from './go-number.ts';
import { formatValue, type GoValue, goTypeName } from './go-value.ts';

/** Widths and precisions beyond this are refused: a rule file must not be able to ask for gigabytes of blanks. */
const MAX_WIDTH = 1_000;

interface Verb {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly letter: string;
}

const VERB = /%([-+# 0]*)(\d*)(?:\.(\d*))?([a-zA-Z%])/g;

/** Go's fmt.Sprintf for the verbs templates use: d f F e E g G s v q t x X o b c U and %%. */
export function sprintf(format: string, args: readonly GoValue[]): string {
  let next = 0;
  const text = format.replaceAll(
    VERB,
    (_all, flags: string, width: string, precision: string | undefined, letter: string) => {
      if (letter === '%') return '%';
      if (next >= args.length) return `%!${letter}(MISSING)`;
      const value = args[next++] ?? null;
      return formatVerb(value, {
        flags,
        width: Math.min(Number(width), MAX_WIDTH),
        precision: precision === undefined ? undefined : Math.min(Number(precision), MAX_WIDTH),
        letter,
      });
    },
  );
  if (next >= args.length) return text;
  const extra = args.slice(next).map((value) => `${goTypeName(value)}=${formatValue(value)}`);
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function formatVerb(value: GoValue, verb: Verb): string {
  const text = verbText(value, verb);
  if (text === undefined) return `%!${verb.letter}(${goTypeName(value)}=${formatValue(value)})`;
  const numeric = typeof value === 'number' || typeof value === 'bigint';
  return pad(numeric ? withSign(text, verb.flags) : text, verb, numeric);
}

function verbText(value: GoValue, verb: Verb): string | undefined {
  if (verb.letter === 'v') return formatValue(value);
  if (verb.letter === 'T') return goTypeName(value);
  if (typeof value === 'number') return floatText(value, verb);
  if (typeof value === 'bigint') return intText(value, verb.letter);
  if (typeof value === 'boolean') return verb.letter === 't' ? String(value) : undefined;
  if (typeof value === 'string') return stringText(value, verb);
  return verb.letter === 's' ? formatValue(value) : undefined;
}

function floatText(value: number, { letter, precision }: Verb): string | undefined {
  const lower = letter.toLowerCase();
  let text: string;
  if (lower === 'f') text = formatFixed(value, precision ?? 6);
  else if (lower === 'e') text = formatExponent(value, precision ?? 6);
  else if (lower === 'g')
    text = precision === undefined ? formatGoGeneral(value) : formatGeneral(value, precision);
  else return undefined;
  return letter === 'E' || letter === 'G' ? text.replace('e', 'E') : text;
}

function intText(value: bigint, letter: string): string | undefined {
  const radix: Readonly<Record<string, number>> = { d: 10, x: 16, X: 16, o: 8, b: 2 };
  const base = radix[letter];
  if (base !== undefined) {
    const text = value.toString(base);
    return letter === 'X' ? text.toUpperCase() : text;
  }
  if (letter === 'c') return String.fromCodePoint(Number(value));
  if (letter === 'U') return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
  return letter === 'q' ? `'${String.fromCodePoint(Number(value))}'` : undefined;
}

function stringText(value: string, { letter, precision }: Verb): string | undefined {
  if (letter === 's') return precision === undefined ? value : Array.from(value).slice(0, precision).join('');
  if (letter === 'q') return quoteGo(value);
  if (letter !== 'x' && letter !== 'X') return undefined;
  const hex = [...new TextEncoder().encode(value)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return letter === 'X' ? hex.toUpperCase() : hex;
}

function withSign(text: string, flags: string): string {
  if (text.startsWith('-') || text.startsWith('+')) return text;
  if (flags.includes('+')) return `+${text}`;
  return flags.includes(' ') ? ` ${text}` : text;
}

function pad(text: string, { flags, width }: Verb, numeric: boolean): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0') || !numeric) return text.padStart(width);
  const sign = /^[-+ ]/.test(text) ? text.slice(0, 1) : '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
