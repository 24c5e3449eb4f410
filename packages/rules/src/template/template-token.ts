import { quoteGo } from '@plimsoll/promql';
import { TemplateError } from './template-error.ts';

type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'identifier'
  | 'variable'
  | 'field'
  | 'dot'
  | 'number'
  | 'string'
  | 'char'
  | 'punctuation';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Index of the first character in the template. */
  readonly at: number;
  /** Whether blanks stand before it: `a.b` is one operand, `a .b` two. */
  readonly spaced: boolean;
}

const OPEN = '{{';
const COMMENT = /^\{\{(- )?\/\*[\s\S]*?\*\/( -)?\}\}/;

/** One alternative for each kind of token inside an action; the first that matches wins. */
const TOKENS: readonly (readonly [TokenKind, RegExp])[] = [
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  [
    'number',
    /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/uy,
  ],
  ['dot', /\./uy],
  ['identifier', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['string', /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/uy],
  ['char', /'(?:[^'\\\n]|\\[^\n])+'/uy],
  ['punctuation', /:=|[|(),=]/uy],
];

/** Splits a Go template into text and the tokens of its actions; trim markers are applied to the text. */
export function tokenizeTemplate(source: string, name: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf(OPEN, at);
    const end = open === -1 ? source.length : open;
    const trimThis = open !== -1 && /^\{\{-\s/.test(source.slice(open, open + 4));
    pushText(tokens, source.slice(at, end), at, trimNext, trimThis);
    if (open === -1) break;
    const comment = COMMENT.exec(source.slice(open));
    if (comment) {
      trimNext = comment[2] !== undefined;
      at = open + comment[0].length;
      continue;
    }
    ({ at, trimNext } = tokenizeAction(source, name, open, trimThis, tokens));
  }
  return tokens;
}

function pushText(tokens: Token[], raw: string, at: number, trimLeft: boolean, trimRight: boolean): void {
  let text = raw;
  if (trimLeft) text = text.replace(/^[ \t\r\n]+/, '');
  if (trimRight) text = text.replace(/[ \t\r\n]+$/, '');
  if (text !== '') tokens.push({ kind: 'text', text, at, spaced: false });
}

function tokenizeAction(
  source: string,
  name: string,
  open: number,
  trimmed: boolean,
  tokens: Token[],
): { at: number; trimNext: boolean } {
  tokens.push({ kind: 'open', text: OPEN, at: open, spaced: false });
  let at = open + (trimmed ? 3 : 2);
  for (;;) {
    const blank = /[ \t\r\n]*/y;
    blank.lastIndex = at;
    const spaces = blank.exec(source)?.[0].length ?? 0;
    const start = at + spaces;
    const trimNext = spaces > 0 && source.startsWith('-}}', start);
    if (trimNext || source.startsWith('}}', start)) {
      tokens.push({ kind: 'close', text: '}}', at: start, spaced: spaces > 0 });
      return { at: start + (trimNext ? 3 : 2), trimNext };
    }
    if (start >= source.length) throw new TemplateError(name, source, open, 'unclosed action');
    const token = nextToken(source, name, start, spaces > 0);
    tokens.push(token);
    at = start + token.text.length;
  }
}

function nextToken(source: string, name: string, at: number, spaced: boolean): Token {
  for (const [kind, pattern] of TOKENS) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match) return { kind, text: match[0], at, spaced };
  }
  const character = source[at] ?? '';
  if (character === '"') throw new TemplateError(name, source, at, 'unterminated quoted string');
  if (character === '`') throw new TemplateError(name, source, at, 'unterminated raw quoted string');
  throw new TemplateError(name, source, at, `unexpected ${quoteGo(character)} in operand`);
}
