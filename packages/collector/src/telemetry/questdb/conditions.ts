import { literalAlternatives, type Matcher } from '@plimsoll/promql';
import { MAX_SQL_CHARACTERS, MAX_TIMESTAMP_MS } from './limits.ts';
import { identifier, literal, TIME_COLUMN } from './names.ts';

/** Regular expressions that mean the same to the server's Java as to RE2: no classes, flags or counted repeats. */
const COMMON_REGEX = /^(?:[\w \-:/@]|\\\.|\.[*+]?|\||\(|\)\??)*$/;

/** One matcher's text may take this share of a statement; a longer one is only checked on our side. */
const MAX_CONDITION_CHARACTERS = MAX_SQL_CHARACTERS / 4;

/** Rows from `startMs` to `endMs`, both inclusive. */
export function timeCondition(startMs: number, endMs: number): string {
  const column = identifier(TIME_COLUMN);
  return `${column} >= ${toMicroseconds(Math.ceil(startMs))} AND ${column} <= ${toMicroseconds(Math.floor(endMs))}`;
}

/**
 * A condition on a column that is true wherever the matcher is; undefined where there is none worth sending. A null
 * passes `!=` and `!~` in the server, and nothing else. Answers are checked again on our side.
 */
export function matcherCondition(column: string, { type, value }: Matcher): string | undefined {
  const condition = conditionOf(identifier(column), type, value);
  if (condition === undefined || condition.length > MAX_CONDITION_CHARACTERS) return undefined;
  return condition;
}

function conditionOf(column: string, type: Matcher['type'], value: string): string | undefined {
  // A text with NUL or half a surrogate pair is in no column.
  if (value.includes('\0') || !value.isWellFormed()) return undefined;
  if (type === '=') return value === '' ? undefined : `${column} = ${literal(value)}`;
  if (type === '!=') return value === '' ? undefined : `${column} != ${literal(value)}`;
  const negation = type === '!~' ? 'NOT ' : '';
  const alternatives = literalAlternatives(value);
  if (alternatives !== undefined) {
    if (alternatives.includes('')) return undefined;
    return `${column} ${negation}IN (${alternatives.map(literal).join(', ')})`;
  }
  if (!COMMON_REGEX.test(value)) return undefined;
  // `find` is what the server does, so both ends have to be named; \z, because $ lets a newline follow.
  return `${column} ${negation === '' ? '~' : '!~'} ${literal(`\\A(?s:${value})\\z`)}`;
}

function toMicroseconds(ms: number): string {
  const held = Math.min(Math.max(ms, 0), MAX_TIMESTAMP_MS);
  // Without the L the server takes a number below 2^31 for something else, and all rows pass.
  return `${held}000L`;
}
