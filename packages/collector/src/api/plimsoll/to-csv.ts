/** What a spreadsheet would run as a formula; OWASP's list of first characters. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * Items as CSV (RFC 4180): a heading row, nested objects as columns with dotted names, lists as JSON, null as nothing.
 * Texts that a spreadsheet would run as a formula get a quote in front.
 */
export function toCsv(items: readonly unknown[]): string {
  const rows = items.map((item) => flatten(item));
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => row.get(column) ?? ''))];
  return lines.map((cells) => `${cells.map(escape).join(',')}\r\n`).join('');
}

function flatten(item: unknown, prefix = '', row = new Map<string, string>()): Map<string, string> {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return row.set(prefix, cellOf(item));
  for (const [name, value] of Object.entries(item))
    flatten(value, prefix === '' ? name : `${prefix}.${name}`, row);
  return row;
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function escape(cell: string): string {
  const guarded = FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
