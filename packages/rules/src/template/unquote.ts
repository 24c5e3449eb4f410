const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([\s\S]))/g;

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The text behind a Go string or character literal, with its quotes. */
export function unquote(literal: string): string {
  const inner = literal.slice(1, -1);
  if (literal.startsWith('`')) return inner;
  return inner.replaceAll(
    ESCAPE,
    (_all, hex?: string, short?: string, long?: string, octal?: string, simple?: string) => {
      const point = hex ?? short ?? long;
      if (point !== undefined) return String.fromCodePoint(Number.parseInt(point, 16));
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      return SIMPLE[simple ?? ''] ?? simple ?? '';
    },
  );
}
