import { makeSeries, type Series, SeriesError } from './series.ts';

const REQUIRED = ['id', 'start', 'step'] as const;

/**
 * Reads the header of a CSV file and answers the reader of its rows. Columns `id`, `start`, `step` and optional
 * `capacity` may stand anywhere; all other columns are the values from left to right, an empty cell is a gap.
 */
export function csvSeriesReader(header: string): (line: string) => Series {
  const names = splitCsv(header).map((name) => name.trim().toLowerCase());
  for (const name of REQUIRED)
    if (!names.includes(name)) throw new SeriesError(`the header has no column "${name}"`);
  const columnOf = (name: string): number => names.indexOf(name);
  const valueColumns = names.flatMap((name, i) => ([...REQUIRED, 'capacity'].includes(name) ? [] : [i]));
  return (line) => {
    const cells = splitCsv(line);
    if (cells.length > names.length)
      throw new SeriesError(`${cells.length} cells, the header has ${names.length} columns`);
    const number = (name: string): number | null => readCell(cells[columnOf(name)] ?? '', name);
    return makeSeries({
      id: cells[columnOf('id')] ?? '',
      start: number('start'),
      step: number('step'),
      capacity: number('capacity'),
      values: Float64Array.from(valueColumns, (i) => readCell(cells[i] ?? '', names[i] ?? '') ?? Number.NaN),
    });
  };
}

function readCell(cell: string, name: string): number | null {
  const text = cell.trim();
  if (text === '') return null;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new SeriesError(`"${text}" in column "${name}" is no number; leave a gap empty`);
}

/** Splits one line; cells may be quoted, with quotes doubled inside (RFC 4180, without line breaks in cells). */
function splitCsv(line: string): string[] {
  const cells: string[] = [];
  const pattern = /\s*"((?:[^"]|"")*)"\s*(?:,|$)|([^,]*)(?:,|$)/gy;
  while (pattern.lastIndex < line.length || line.endsWith(',')) {
    const match = pattern.exec(line);
    if (match === null) break;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (pattern.lastIndex >= line.length) {
      if (line.endsWith(',') && match[0].endsWith(',')) cells.push('');
      break;
    }
  }
  return cells;
}

/** Writes a row; a text that a spreadsheet would take for a formula gets a leading apostrophe. */
export function csvRow(cells: readonly (string | number | null)[]): string {
  return cells.map((cell) => (typeof cell === 'string' ? csvText(cell) : (cell ?? ''))).join(',');
}

function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
