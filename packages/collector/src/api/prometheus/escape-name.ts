/** How a scraper takes names that are not of letters, digits, underscores and colons, by the words of its Accept header. */
const SCHEMES = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;

export type EscapingScheme = (typeof SCHEMES)[number];

const CLASSIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

export function isClassicName(name: string): boolean {
  return CLASSIC.test(name);
}

/** What the header asks for of text. Who asks for nothing is from before such names and gets underscores. */
export function readEscapingScheme(accept: string): EscapingScheme {
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (!type.startsWith('text/')) continue;
    const asked = parameters
      .find((parameter) => parameter.startsWith('escaping='))
      ?.slice('escaping='.length);
    const scheme = SCHEMES.find((known) => known === asked);
    if (scheme !== undefined) return scheme;
  }
  return 'underscores';
}

/**
 * The name in a scheme, as Prometheus' common library writes it: a scraper that knows the scheme `values` or `dots` gets
 * the name back from it, while `underscores` cannot be undone.
 */
export function escapeName(name: string, scheme: EscapingScheme): string {
  if (name === '' || scheme === 'allow-utf-8') return name;
  if (scheme === 'dots') return eachPoint(name, (point) => (point === '.' ? '_dot_' : '__'), '__');
  if (isClassicName(name)) return name;
  if (scheme === 'underscores') return eachPoint(name, () => '_', '_');
  return `U__${eachPoint(name, (point) => `_${(point.codePointAt(0) ?? 0).toString(16)}_`, '__')}`;
}

function eachPoint(name: string, escape: (point: string) => string, underscore: string): string {
  return Array.from(name, (point, at) => {
    if (point === '_') return underscore;
    const isKept = /[a-zA-Z:]/.test(point) || (at > 0 && /\d/.test(point));
    return isKept ? point : escape(point);
  }).join('');
}
