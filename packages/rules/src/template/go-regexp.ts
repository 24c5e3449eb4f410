/** Longer patterns are refused: templates match labels, they do not parse documents. */
const MAX_PATTERN_LENGTH = 1_000;

/**
 * A regular expression in RE2's syntax as JavaScript has it: inline flags at the start, `(?P<name>`, `\A`, `\z` and
 * POSIX classes are translated.
 * @throws Error when it cannot be compiled
 */
export function goRegExp(pattern: string): RegExp {
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new Error(`regular expression longer than ${MAX_PATTERN_LENGTH} characters`);
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const source = pattern
    .slice(inline?.[0].length ?? 0)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replaceAll(/\[:(\w+):\]/g, (all, name: string) => POSIX[name] ?? all);
  try {
    return new RegExp(source, `gv${inline?.[1] ?? ''}`);
  } catch {
    // The "v" flag is stricter than RE2 about what must be escaped in a class.
    return new RegExp(source, `g${inline?.[1] ?? ''}`);
  }
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  space: '\\s',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

/** Go's `$1`, `${1}` and `${name}` in JavaScript's notation. */
export function goReplacement(replacement: string): string {
  return replacement.replaceAll(/\$(?:\$|\{(\w+)\}|(\w+))/g, (all, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return all;
    return /^\d+$/.test(name) ? `$${name}` : `$<${name}>`;
  });
}
