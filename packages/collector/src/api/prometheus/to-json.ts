const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/**
 * JSON as Go's library writes it: what could end a script element or a line is escaped. Labels in results are the
 * exception: Prometheus writes those plainly, see `encodeLabels`.
 */
export function toJson(value: unknown): string {
  // These characters can only be inside of strings.
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => ESCAPES[character] ?? character,
  );
}
