/** Character classes of PromQL's lexer. All take a single code point as a string, '' at the end of the input. */

export function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}

export function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' && char.length === 1;
}

export function isAlpha(char: string): boolean {
  return char.length === 1 && ((char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === '_');
}

export function isAlphaNumeric(char: string): boolean {
  return isAlpha(char) || isDigit(char);
}

/** Whether a name may start here; beyond ASCII only where unquoted UTF-8 names are on. */
export function isNameStart(char: string, utf8: boolean): boolean {
  return isAlpha(char) || (utf8 && char > '\u007f' && /^\p{L}$/u.test(char));
}

export function isNameContinue(char: string, utf8: boolean): boolean {
  return isNameStart(char, utf8) || isDigit(char) || (utf8 && char === '.');
}

/** Whether a label name must be written in quotes. */
export function needsQuotes(name: string, utf8: boolean): boolean {
  if (name === '') return true;
  let first = true;
  for (const char of name) {
    if (first ? !isNameStart(char, utf8) : !isNameContinue(char, utf8)) return true;
    first = false;
  }
  return false;
}
