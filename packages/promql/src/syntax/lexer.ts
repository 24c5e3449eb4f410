import { quoteGo, quoteRune } from '../text/go-quote.ts';
import { isAlpha, isDigit, isNameContinue, isNameStart, isSpace } from './char-class.ts';
import { PromqlParseError } from './position.ts';
import { scanDurationRest, scanNumber } from './scan-number.ts';
import { scanString } from './scan-string.ts';
import { DURATION_WORDS, KEYWORDS, type Token, type TokenType } from './tokens.ts';

/** Characters that are a token wherever an expression is read. */
const SIMPLE = new Set([',', '*', '/', '%', '+', '-', '^', '@']);
/** Characters that are a token inside the brackets of a range. */
const SIMPLE_IN_DURATION = new Set(['+', '-', '*', '/', '%', '^', ',']);
const COMPARISON_STARTS = new Set(['=', '!', '<', '>']);
const QUOTES = new Set(['"', "'", '`']);
const BRACKETS = new Set(['(', ')', '{', '[', ']']);
/** Second characters that make a longer operator. */
const COMPARISONS: Readonly<Record<string, string>> = { '=': '=', '<': '=/', '>': '=/' };

/**
 * Splits a query into tokens on demand. What a character means depends on whether braces or brackets are open, so the
 * lexer keeps that state; it throws `PromqlParseError` at the first character that fits nowhere.
 */
export class Lexer {
  readonly text: string;
  readonly #utf8: boolean;
  #at = 0;
  #start = 0;
  #parenDepth = 0;
  #braceOpen = false;
  #bracketOpen = false;
  #gotColon = false;
  #gotDuration = false;
  /** Right after `[`, until the first number: only duration expressions may stand there. */
  #inDuration = false;

  constructor(text: string, options: { readonly unquotedUtf8Names: boolean }) {
    this.text = text;
    this.#utf8 = options.unquotedUtf8Names;
  }

  next(): Token {
    this.#skipSpaceAndComments();
    this.#start = this.#at;
    const char = this.#peek();
    if (this.#braceOpen) return this.#inBraces(char);
    if (this.#inDuration) return this.#inBrackets(char);
    return this.#statement(char);
  }

  #peek(): string {
    const code = this.text.codePointAt(this.#at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #skipSpaceAndComments(): void {
    for (;;) {
      while (isSpace(this.text[this.#at] ?? '')) this.#at++;
      if (this.text[this.#at] !== '#' || this.#inDuration) return;
      while (this.#at < this.text.length && !/[\r\n]/.test(this.text[this.#at] ?? '')) this.#at++;
    }
  }

  #emit(type: TokenType, length: number): Token {
    this.#at = this.#start + length;
    return { type, start: this.#start, text: this.text.slice(this.#start, this.#at) };
  }

  #fail(detail: string): PromqlParseError {
    return new PromqlParseError(detail, { start: this.#start, end: this.text.length }, this.text);
  }

  /** Upstream takes these tokens before it refuses them, so it points behind them. */
  #failBehind(detail: string): PromqlParseError {
    this.#start = this.#at;
    return this.#fail(detail);
  }

  #statement(char: string): Token {
    if (char === '') return this.#end();
    if (SIMPLE.has(char)) return this.#emit(char, 1);
    if (COMPARISON_STARTS.has(char)) return this.#comparison(char);
    if (this.#startsNumber(char)) return this.#number();
    if (QUOTES.has(char)) return this.#string();
    if (isNameStart(char, this.#utf8) || char === ':') {
      return this.#bracketOpen ? this.#bracketWord(char) : this.#word();
    }
    if (BRACKETS.has(char)) return this.#openOrClose(char);
    throw this.#fail(`unexpected character: ${quoteRune(char)}`);
  }

  #startsNumber(char: string): boolean {
    return isDigit(char) || (char === '.' && isDigit(this.text[this.#at + 1] ?? ''));
  }

  #openOrClose(char: string): Token {
    if (char === '(' || char === ')') return this.#paren(char);
    if (char !== '{') return this.#bracket(char);
    this.#braceOpen = true;
    return this.#emit('{', 1);
  }

  #end(): Token {
    if (this.#parenDepth !== 0) throw this.#fail('unclosed left parenthesis');
    if (this.#bracketOpen) throw this.#fail('unclosed left bracket');
    return this.#emit('EOF', 0);
  }

  #comparison(char: string): Token {
    const code = this.text.codePointAt(this.#at + 1);
    const next = code === undefined ? '' : String.fromCodePoint(code);
    if (char === '!') {
      if (next === '=') return this.#emit('!=', 2);
      // Go prints its end-of-input marker, -1, as the replacement character.
      throw this.#fail(`unexpected character after '!': ${next === '' ? "'\ufffd'" : quoteRune(next)}`);
    }
    if (char === '=' && next === '~') throw this.#fail(`unexpected character after '=': '~'`);
    const longer = next !== '' && (COMPARISONS[char] ?? '').includes(next);
    return longer ? this.#emit(char + next, 2) : this.#emit(char, 1);
  }

  #number(): Token {
    this.#inDuration = false;
    const number = scanNumber(this.text, this.#at);
    if (number.ok) return this.#emit('NUMBER', number.end - this.#start);
    const duration = scanDurationRest(this.text, number.end);
    if (duration.ok) return this.#emit('DURATION', duration.end - this.#start);
    const passed = quoteGo(this.text.slice(this.#start, duration.end));
    throw this.#fail(`bad number or duration syntax: ${passed}`);
  }

  #string(): Token {
    return this.#emit('STRING', scanString(this.text, this.#start) - this.#start);
  }

  #paren(char: string): Token {
    this.#parenDepth += char === '(' ? 1 : -1;
    const token = this.#emit(char, 1);
    if (this.#parenDepth < 0) throw this.#failBehind(`unexpected right parenthesis ${quoteRune(char)}`);
    return token;
  }

  #bracket(char: string): Token {
    if (char === ']') {
      if (!this.#bracketOpen) throw this.#fail(`unexpected right bracket ${quoteRune(char)}`);
      this.#bracketOpen = false;
      return this.#emit(']', 1);
    }
    if (this.#bracketOpen) throw this.#fail(`unexpected left bracket ${quoteRune(char)}`);
    this.#gotColon = false;
    this.#gotDuration = false;
    this.#bracketOpen = true;
    this.#inDuration = true;
    return this.#emit('[', 1);
  }

  #word(): Token {
    let end = this.#at;
    for (;;) {
      const code = this.text.codePointAt(end);
      const char = code === undefined ? '' : String.fromCodePoint(code);
      if (!isNameContinue(char, this.#utf8) && char !== ':') break;
      end += char.length;
    }
    const word = this.text.slice(this.#start, end);
    const length = word.length;
    const lower = word.toLowerCase();
    const ascii = /^[\x20-\x7e]*$/.test(word);
    if (ascii && (lower === 'inf' || lower === 'nan')) return this.#emit('NUMBER', length);
    if (ascii && KEYWORDS.has(lower)) {
      // fill and its kin are keywords only where called, so that metrics of that name stay usable.
      const called = /^\s*\(/.test(this.text.slice(end));
      return this.#emit(lower.startsWith('fill') && !called ? 'IDENTIFIER' : lower, length);
    }
    return this.#emit(word.includes(':') ? 'METRIC_IDENTIFIER' : 'IDENTIFIER', length);
  }

  /** A word or colon inside brackets, after the first duration. */
  #bracketWord(char: string): Token {
    if (char === ':') {
      if (this.#gotColon) throw this.#fail(`unexpected colon ${quoteRune(char)}`);
      this.#gotColon = true;
      return this.#emit(':', 1);
    }
    const word = this.#durationWord();
    if (word) return word;
    throw this.#fail(`unexpected character: ${quoteRune(char)}, expected ':'`);
  }

  #durationWord(): Token | undefined {
    let end = this.#at;
    while (isAlpha(this.text[end] ?? '')) end++;
    const word = this.text.slice(this.#at, end).toLowerCase();
    return DURATION_WORDS.has(word) ? this.#emit(word, word.length) : undefined;
  }

  #inBrackets(char: string): Token {
    if (char === '') throw this.#fail('unexpected end of input in duration expression');
    if (char === ']') {
      this.#bracketOpen = false;
      this.#inDuration = false;
      return this.#emit(']', 1);
    }
    if (char === ':') return this.#durationColon();
    if (char === '(' || char === ')') return this.#paren(char);
    if (SIMPLE_IN_DURATION.has(char)) return this.#emit(char, 1);
    if (this.#startsNumber(char)) {
      this.#gotDuration = true;
      return this.#number();
    }
    const word = this.#durationWord();
    if (!word) throw this.#fail(`unexpected character in duration expression: ${quoteRune(char)}`);
    this.#gotDuration = true;
    return word;
  }

  #durationColon(): Token {
    const token = this.#emit(':', 1);
    if (!this.#gotDuration) throw this.#failBehind('unexpected colon before duration in duration expression');
    if (this.#gotColon) throw this.#failBehind('unexpected repeated colon in duration expression');
    this.#gotColon = true;
    return token;
  }

  #inBraces(char: string): Token {
    if (char === '') throw this.#fail('unexpected end of input inside braces');
    if (isNameStart(char, this.#utf8)) return this.#braceWord();
    if (char === ',') return this.#emit(',', 1);
    if (QUOTES.has(char)) return this.#string();
    if (char === '=') return this.text[this.#at + 1] === '~' ? this.#emit('=~', 2) : this.#emit('=', 1);
    if (char === '!') return this.#negation();
    if (char === '{') throw this.#fail(`unexpected left brace ${quoteRune(char)}`);
    if (char === '}') {
      this.#braceOpen = false;
      return this.#emit('}', 1);
    }
    throw this.#fail(`unexpected character inside braces: ${quoteRune(char)}`);
  }

  #negation(): Token {
    const next = this.text[this.#at + 1] ?? '';
    if (next === '~' || next === '=') return this.#emit(`!${next}`, 2);
    const shown = next === '' ? "'\ufffd'" : quoteRune(next);
    throw this.#fail(`unexpected character after '!' inside braces: ${shown}`);
  }

  #braceWord(): Token {
    let end = this.#at;
    for (;;) {
      const code = this.text.codePointAt(end);
      const char = code === undefined ? '' : String.fromCodePoint(code);
      if (!isNameContinue(char, this.#utf8)) return this.#emit('IDENTIFIER', end - this.#start);
      end += char.length;
    }
  }
}
