import { formatSample } from './format-sample.ts';

const FIRST_BYTES = 64 * 1024;
/** The longest text of one number, with room to spare. */
const NUMBER_BYTES = 32;

const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
/** Powers of ten tried for a value of few decimals, as gauges have, and their exponents. */
const SHORT_SCALES = [1, 100, 10_000];
const SHORT_DECIMALS = [0, 2, 4];
/** Decimals of up to 15 digits are all different doubles. */
const MAX_SHORT = 1e15;

/**
 * JSON under construction, as bytes in memory that is used again: an answer of many numbers makes no string for any
 * of them.
 */
export class JsonBuffer {
  #bytes: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #at = 0;

  /** Begins a new text. */
  begin(): this {
    this.#at = 0;
    return this;
  }

  /** The text so far; good until the next begins. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at);
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  /** Any text. */
  text(text: string): this {
    this.#reserve(text.length * 3);
    this.#at += this.#bytes.write(text, this.#at, 'utf8');
    return this;
  }

  /** One ASCII character. */
  byte(code: number): this {
    this.#reserve(1);
    this.#bytes[this.#at++] = code;
    return this;
  }

  /** A sample's value as `formatSample` writes it, in quotes. */
  sample(value: number): this {
    this.#reserve(NUMBER_BYTES);
    this.#bytes[this.#at++] = QUOTE;
    if (!this.#short(value)) this.#at += this.#bytes.write(formatSample(value), this.#at, 'latin1');
    this.#bytes[this.#at++] = QUOTE;
    return this;
  }

  /** Milliseconds as `formatTimestamp` writes them. */
  timestamp(timestampMs: number): this {
    this.#reserve(NUMBER_BYTES);
    if (timestampMs < 0) this.#bytes[this.#at++] = MINUS;
    const milliseconds = Math.abs(timestampMs);
    const seconds = Math.floor(milliseconds / 1000);
    const rest = milliseconds - seconds * 1000;
    this.#digits(seconds);
    if (rest !== 0) {
      this.#bytes[this.#at++] = POINT;
      this.#smallDigits(rest, 3);
    }
    return this;
  }

  /** Writes a number of few decimals; false, and nothing written, for others. */
  #short(value: number): boolean {
    const magnitude = Math.abs(value);
    // Zero has a sign, and what is not below the limit may be infinite or NaN.
    if (!(magnitude < MAX_SHORT) || magnitude < 1e-4) return false;
    for (let i = 0; i < SHORT_SCALES.length; i++) {
      const scale = SHORT_SCALES[i] ?? 1;
      const scaled = Math.round(magnitude * scale);
      if (scaled >= MAX_SHORT) return false;
      // A decimal of at most 15 digits that reads back as the value is the shortest that does.
      if (scaled / scale !== magnitude) continue;
      if (value < 0) this.#bytes[this.#at++] = MINUS;
      const whole = Math.floor(scaled / scale);
      this.#digits(whole);
      this.#decimals(scaled - whole * scale, SHORT_DECIMALS[i] ?? 0);
      return true;
    }
    return false;
  }

  /** A point and `length` decimals, without zeros at the end; nothing for none. */
  #decimals(decimals: number, length: number): void {
    if (decimals === 0) return;
    let left = length;
    let rest = decimals;
    for (; rest % 10 === 0; left--) rest /= 10;
    this.#bytes[this.#at++] = POINT;
    for (let at = this.#at + left - 1; at >= this.#at; at--) {
      const digit = rest % 10;
      this.#bytes[at] = ZERO + digit;
      rest = (rest - digit) / 10;
    }
    this.#at += left;
  }

  /** A whole number of at most 15 digits. */
  #digits(whole: number): void {
    let high = 0;
    let low = whole;
    if (whole >= 1e9) {
      high = Math.floor(whole / 1e9);
      low = whole - high * 1e9;
      this.#smallDigits(high, 1);
      this.#smallDigits(low, 9);
    } else this.#smallDigits(low, 1);
  }

  /** A whole number below 1e9 with at least so many digits. */
  #smallDigits(whole: number, least: number): void {
    let rest = whole | 0;
    let length = least;
    for (let bound = 10 ** least; rest >= bound; bound *= 10) length++;
    for (let at = this.#at + length - 1; at >= this.#at; at--) {
      const shorter = (rest / 10) | 0;
      this.#bytes[at] = ZERO + rest - shorter * 10;
      rest = shorter;
    }
    this.#at += length;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
