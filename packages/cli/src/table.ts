/** A plain text table: a heading row, columns two spaces apart, no trailing spaces. */
export function formatTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A cell for a value of unknown kind; what is unknown is a dash. */
export function cell(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(cell).join(', ');
  return typeof value === 'string' ? value.replaceAll(/\s+/g, ' ') : JSON.stringify(value);
}

/** The members of an object one below the other, nested ones as JSON. */
export function formatDetails(item: Readonly<Record<string, unknown>>): string {
  return formatTable(
    ['FIELD', 'VALUE'],
    Object.entries(item).map(([name, value]) => [name, cell(value)]),
  );
}
