import { isAlphaNumeric } from './char-class.ts';

const DECIMAL_DIGITS = '0123456789';
const HEX_DIGITS = '0123456789abcdefABCDEF';

/** Where a scan stopped, and whether what it passed is well formed. */
export interface Scan {
  readonly end: number;
  readonly ok: boolean;
}

/** A reader over the text that accepts characters from sets, as Prometheus' number scanner does. */
class Cursor {
  readonly text: string;
  at: number;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  is(set: string): boolean {
    const char = this.text[this.at];
    return char !== undefined && set.includes(char);
  }

  accept(set: string): boolean {
    if (!this.is(set)) return false;
    this.at++;
    return true;
  }

  acceptRun(set: string): void {
    while (this.accept(set)) {
      // Each accept moves on.
    }
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }
}

/**
 * Scans a number: decimal, hexadecimal or float, with underscores. What it accepts need not be a valid number, that is
 * decided when the literal is parsed. `end` is also where a following duration unit is looked for.
 */
export function scanNumber(text: string, start: number): Scan {
  const cursor = new Cursor(text, start);
  let digits = DECIMAL_DIGITS;
  if (cursor.accept('0') && cursor.accept('xX')) {
    cursor.accept('_');
    digits = HEX_DIGITS;
  }
  cursor.accept('.');
  cursor.accept(digits);
  const seen = { dot: false, exponent: false };
  while (cursor.is(`${digits}._eE`)) {
    if (!scanPart(cursor, digits, seen)) return { end: cursor.at, ok: false };
  }
  const next = text[cursor.at] ?? '';
  return { end: cursor.at, ok: cursor.at > start && !isAlphaNumeric(next) };
}

function scanPart(cursor: Cursor, digits: string, seen: { dot: boolean; exponent: boolean }): boolean {
  if (cursor.is('.') && seen.dot) return reject(cursor);
  // In a hexadecimal literal e is a digit, yet it is taken for an exponent once, as upstream does.
  if (cursor.is('eE') && seen.exponent) return reject(cursor);
  if (cursor.accept('.')) {
    seen.dot = true;
    return !cursor.accept('_.') && digits === DECIMAL_DIGITS;
  }
  if (cursor.accept('eE')) {
    seen.exponent = true;
    cursor.accept('+-');
    return !cursor.accept('._eE') && !cursor.done;
  }
  if (cursor.accept('_')) return !cursor.accept('._eE') && !cursor.done;
  cursor.acceptRun(digits);
  return true;
}

function reject(cursor: Cursor): false {
  cursor.at++;
  return false;
}

/** Scans the units of a duration whose first digits end at `from`: `5|m30s`. */
export function scanDurationRest(text: string, from: number): Scan {
  const cursor = new Cursor(text, from);
  if (!cursor.accept('smhdwy')) return { end: cursor.at, ok: false };
  cursor.accept('s');
  while (cursor.accept(DECIMAL_DIGITS)) {
    cursor.acceptRun(DECIMAL_DIGITS);
    // Years come first, so they cannot follow.
    if (!cursor.accept('smhdw')) return { end: cursor.at, ok: false };
    cursor.accept('s');
  }
  const next = text[cursor.at] ?? '';
  if (!isAlphaNumeric(next)) return { end: cursor.at, ok: true };
  return { end: cursor.at + 1, ok: false };
}
