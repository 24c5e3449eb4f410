import { PlimsollError } from '../../errors.ts';
import { MAX_ROW_BYTES } from './limits.ts';

/**
 * Takes a row: a whole number, the doubles (NaN for null; the array is used again for the next row), and the bytes of
 * the remaining columns as JSON without brackets, one character a byte: equal for equal texts, see `decodeTexts`.
 */
export type RowSink = (whole: number, doubles: Float64Array, texts: string) => void;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LOWER_N = 0x6e;

/** Digits of which every combination is exact as a double, and a power of ten that is: their quotient is rounded once. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => Number(`1e${power}`));

const START = Buffer.from('"dataset":[');

/** The texts at the end of a row. */
export function decodeTexts(texts: string): readonly (string | null)[] {
  return JSON.parse(`[${Buffer.from(texts, 'latin1').toString('utf8')}]`) as (string | null)[];
}

/**
 * Reads the rows of an answer of /exec as they come. An answer holds ten or more bytes a number, so that reading it
 * whole would take many times the memory of what is in it.
 *
 * @throws PlimsollError 'unavailable' where the answer ends before its count of rows.
 */
export async function readRows(
  body: AsyncIterable<Uint8Array>,
  doubles: number,
  sink: RowSink,
): Promise<void> {
  const reader = new RowReader(doubles, sink);
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of body) {
    const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    const joined = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    rest = joined.subarray(reader.read(joined));
    if (rest.length > MAX_ROW_BYTES) throw broken(`a row is longer than ${MAX_ROW_BYTES} bytes`);
  }
  reader.finish(rest.toString('utf8'));
}

class RowReader {
  readonly #sink: RowSink;
  readonly #doubles: Float64Array;
  #begun = false;
  #ended = false;
  #rows = 0;
  /** Where the next byte to look at is. */
  #at = 0;

  constructor(doubles: number, sink: RowSink) {
    this.#doubles = new Float64Array(doubles);
    this.#sink = sink;
  }

  /** Takes all whole rows; answers how many bytes were used up. */
  read(bytes: Buffer): number {
    let used = 0;
    if (!this.#begun) {
      const start = bytes.indexOf(START);
      if (start < 0) return 0;
      this.#begun = true;
      used = start + START.length;
    }
    while (!this.#ended && used < bytes.length) {
      const first = bytes[used];
      if (first === COMMA) {
        used++;
      } else if (first === CLOSE) {
        this.#ended = true;
      } else {
        if (first !== OPEN) throw broken('it is not made of rows');
        const end = endOfRow(bytes, used + 1);
        if (end < 0) break;
        this.#row(bytes, used + 1, end);
        used = end + 1;
      }
    }
    return used;
  }

  finish(rest: string): void {
    const count = /^\],"count":(\d+)/.exec(rest)?.[1];
    if (!this.#ended || count === undefined || Number(count) !== this.#rows) {
      const error = /"error":("(?:[^"\\]|\\.)*")/.exec(rest)?.[1];
      throw broken(error === undefined ? `it ended after ${this.#rows} rows` : String(JSON.parse(error)));
    }
  }

  #row(bytes: Buffer, start: number, end: number): void {
    this.#at = start;
    const whole = this.#number(bytes, end);
    const doubles = this.#doubles;
    for (let i = 0; i < doubles.length; i++) doubles[i] = this.#number(bytes, end);
    this.#rows++;
    this.#sink(whole, doubles, bytes.toString('latin1', this.#at, end));
  }

  /** Reads the number that starts here and steps over the comma behind it; NaN for null. */
  #number(bytes: Buffer, end: number): number {
    const start = this.#at;
    const negative = bytes[start] === MINUS;
    let at = negative ? start + 1 : start;
    let mantissa = 0;
    let digits = 0;
    let dot = end;
    for (; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte >= ZERO && byte <= NINE) {
        mantissa = mantissa * 10 + (byte - ZERO);
        digits++;
      } else if (byte === DOT) {
        dot = at;
      } else {
        break;
      }
    }
    if (digits > EXACT_DIGITS || (at < end && bytes[at] !== COMMA)) return this.#anyNumber(bytes, end);
    this.#at = at + 1;
    const size = dot < at ? mantissa / (POWERS_OF_TEN[at - dot - 1] ?? 1) : mantissa;
    return negative ? -size : size;
  }

  /** The same for numbers with many digits or an exponent, and for null. */
  #anyNumber(bytes: Buffer, end: number): number {
    const start = this.#at;
    const comma = bytes.indexOf(COMMA, start);
    const stop = comma < 0 || comma > end ? end : comma;
    this.#at = stop + 1;
    return bytes[start] === LOWER_N ? Number.NaN : Number(bytes.toString('latin1', start, stop));
  }
}

/** Where the row's closing bracket is, -1 where the bytes end before it. */
function endOfRow(bytes: Buffer, start: number): number {
  let quoted = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (quoted) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) {
      quoted = true;
    } else if (byte === CLOSE) {
      return at;
    }
  }
  return -1;
}

function broken(why: string): PlimsollError {
  return new PlimsollError('unavailable', `QuestDB's answer could not be read: ${why}`);
}
