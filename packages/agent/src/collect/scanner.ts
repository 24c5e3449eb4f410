const SPACE = 0x20;
const TAB = 0x09;
const NEWLINE = 0x0a;
const COLON = 0x3a;
const DOT = 0x2e;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
/** Up to this many digits a double is built exactly digit by digit. */
const EXACT_DIGITS = 15;

/** Walks over the words and numbers of a /proc file, without making strings of what is only compared or summed. */
export class Scanner {
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  /** Starts over on the first `length` bytes of `buffer`. */
  reset(buffer: Buffer, length: number): this {
    this.#buffer = buffer;
    this.#at = 0;
    this.#end = length;
    return this;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** The next word: up to a space, a colon (not part of it, and skipped) or the end of the line. */
  key(): string {
    this.#skipSpaces();
    const start = this.#at;
    while (this.#at < this.#end && !isBreak(this.#buffer[this.#at]) && this.#buffer[this.#at] !== COLON)
      this.#at++;
    const word = this.#buffer.toString('latin1', start, this.#at);
    if (this.#buffer[this.#at] === COLON) this.#at++;
    return word;
  }

  /** The next word up to a space or the end of the line, as UTF-8; empty at the end of the line. */
  word(): string {
    this.#skipSpaces();
    const start = this.#at;
    while (this.#at < this.#end && !isBreak(this.#buffer[this.#at])) this.#at++;
    return this.#buffer.toString('utf8', start, this.#at);
  }

  /** Whether the rest of the line has another word. */
  hasMore(): boolean {
    this.#skipSpaces();
    return this.#at < this.#end && this.#buffer[this.#at] !== NEWLINE;
  }

  /** The next word as a decimal number; NaN when it is none. */
  number(): number {
    this.#skipSpaces();
    const start = this.#at;
    let value = 0;
    let byte = this.#buffer[this.#at] ?? NEWLINE;
    while (byte >= ZERO && byte <= NINE && this.#at < this.#end) {
      value = value * 10 + (byte - ZERO);
      byte = this.#buffer[++this.#at] ?? NEWLINE;
    }
    if (byte === DOT || byte === MINUS || this.#at - start > EXACT_DIGITS || this.#at === start) {
      this.#at = start;
      return Number.parseFloat(this.word());
    }
    return value;
  }

  skipWord(): void {
    this.#skipSpaces();
    while (this.#at < this.#end && !isBreak(this.#buffer[this.#at])) this.#at++;
  }

  /** Goes to the start of the next line. */
  nextLine(): void {
    const newline = this.#buffer.indexOf(NEWLINE, this.#at);
    this.#at = newline < 0 || newline >= this.#end ? this.#end : newline + 1;
  }

  /** The rest of the line as UTF-8, and goes to the next one. */
  line(): string {
    const start = this.#at;
    this.nextLine();
    const end = this.#at > start && this.#buffer[this.#at - 1] === NEWLINE ? this.#at - 1 : this.#at;
    return this.#buffer.toString('utf8', start, end);
  }

  #skipSpaces(): void {
    while (this.#at < this.#end && (this.#buffer[this.#at] === SPACE || this.#buffer[this.#at] === TAB))
      this.#at++;
  }
}

function isBreak(byte: number | undefined): boolean {
  return byte === SPACE || byte === NEWLINE || byte === TAB;
}
