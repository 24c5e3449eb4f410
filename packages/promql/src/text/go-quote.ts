/**
 * Go string literals. PromQL strings are bytes; JavaScript's are not, so a byte that is not part of valid UTF-8 is
 * held as a lone surrogate U+DC80..U+DCFF (as Python's surrogateescape does) and written back as `\xNN`.
 */

const ESCAPES = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Quotes a string as `strconv.Quote` does. */
export function quoteGo(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && !/["\\]/.test(text)) return `"${text}"`;
  let out = '"';
  for (const char of text) out += ESCAPES.get(char) ?? (PRINTABLE.test(char) ? char : escapeRune(char));
  return `${out}"`;
}

function escapeRune(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`;
  if (code >= 0xd800 && code < 0xe000) return '\\ufffd';
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

/** A rune in single quotes, as Go's `%q` writes it. */
export function quoteRune(char: string): string {
  if (char === "'") return String.raw`'\''`;
  if (char === '"') return `'"'`;
  return `'${quoteGo(char).slice(1, -1)}'`;
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0');
}

const SIMPLE_ESCAPES = new Map([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
]);

/** The value of a lexed PromQL string literal, quotes included; its escapes have been checked by the lexer. */
export function unquoteGo(literal: string): string {
  const body = literal.slice(1, -1);
  if (literal.startsWith('`') || !body.includes('\\')) return body;
  const bytes: number[] = [];
  for (let at = 0; at < body.length;) at = unescapeOne(body, at, bytes);
  return decodeUtf8(bytes);
}

function unescapeOne(body: string, at: number, bytes: number[]): number {
  if (body[at] !== '\\') {
    const char = String.fromCodePoint(body.codePointAt(at) ?? 0);
    bytes.push(...new TextEncoder().encode(char));
    return at + char.length;
  }
  const kind = body[at + 1] ?? '';
  const simple = SIMPLE_ESCAPES.get(kind);
  if (simple !== undefined) {
    bytes.push(simple);
    return at + 2;
  }
  if (kind >= '0' && kind <= '7') {
    bytes.push(Number.parseInt(body.slice(at + 1, at + 4), 8));
    return at + 4;
  }
  const width = { x: 2, u: 4, U: 8 }[kind] ?? 0;
  if (width === 0) {
    bytes.push(kind.charCodeAt(0));
    return at + 2;
  }
  const code = Number.parseInt(body.slice(at + 2, at + 2 + width), 16);
  if (kind === 'x') bytes.push(code);
  else bytes.push(...new TextEncoder().encode(String.fromCodePoint(code)));
  return at + 2 + width;
}

/** Decodes UTF-8, keeping each byte that is not part of a valid sequence as a lone surrogate. */
function decodeUtf8(bytes: readonly number[]): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let out = '';
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    try {
      out += decoder.decode(Uint8Array.from(bytes.slice(at, at + length)));
      at += length;
    } catch {
      // Not UTF-8 at this byte: keep the byte itself.
      out += String.fromCharCode(0xdc00 + first);
      at++;
    }
  }
  return out;
}
