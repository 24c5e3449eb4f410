/** Characters of a column's or table's name: the server's `cairo.max.file.name.length`. */
const MAX_NAME_CHARACTERS = 127;

/** The column of the time in all tables. */
export const TIME_COLUMN = 'ts';

/**
 * A metric's or label's name as a column's. ASCII letters, digits and underscores stay; every other byte of its UTF-8
 * becomes `#` and two hexadecimal digits: the server refuses most of the others in names, and takes some for variables.
 */
export function toColumnName(name: string): string {
  if (/^\w*$/.test(name)) return name;
  return Array.from(new TextEncoder().encode(name), (byte) => {
    const character = String.fromCharCode(byte);
    return /\w/.test(character) ? character : `#${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}

/** The name that `toColumnName` made this column from. */
export function fromColumnName(column: string): string {
  if (!column.includes('#')) return column;
  const bytes = column.replaceAll(/#([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * Whether these names can be columns of one table: not too long, and different from each other and from the time's
 * also where upper and lower case are not told apart, as the server does not.
 */
export function canBeColumns(names: readonly string[]): boolean {
  const columns = new Set([TIME_COLUMN]);
  for (const name of names) {
    const column = toColumnName(name);
    if (column === '' || column.length > MAX_NAME_CHARACTERS || !name.isWellFormed()) return false;
    columns.add(column.toLowerCase());
  }
  return columns.size === names.length + 1;
}

/** An identifier in SQL. Our names hold no quotes. */
export function identifier(name: string): string {
  return `"${name}"`;
}

/** A text in SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
