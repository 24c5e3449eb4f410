/** The URL with some query parameters changed; null or an empty text removes one. */
export function withQuery(url: string, changes: Readonly<Record<string, string | null>>): string {
  const [path = '/', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') parameters.delete(name);
    else parameters.set(name, value);
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** `cpu` sorts up, `-cpu` sorts down. */
export interface SortState {
  readonly column: string;
  readonly descending: boolean;
}

export function parseSort(text: string | undefined, fallback: SortState | null): SortState | null {
  if (!text) return fallback;
  return text.startsWith('-')
    ? { column: text.slice(1), descending: true }
    : { column: text, descending: false };
}

/** First click sorts as the column prefers, the second turns it round, the third removes it. */
export function nextSort(
  current: SortState | null,
  column: string,
  descendingFirst: boolean,
): SortState | null {
  if (current?.column !== column) return { column, descending: descendingFirst };
  return current.descending === descendingFirst ? { column, descending: !descendingFirst } : null;
}

export function formatSort(sort: SortState | null): string | null {
  return sort === null ? null : `${sort.descending ? '-' : ''}${sort.column}`;
}

/** Orders rows by a key; rows without a value stay last either way round. */
export function sortRows<T>(
  rows: readonly T[],
  key: (row: T) => string | number | null,
  descending: boolean,
): T[] {
  const sign = descending ? -1 : 1;
  return rows.toSorted((left, right) => {
    const a = key(left);
    const b = key(right);
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    if (typeof a === 'number' && typeof b === 'number') return (a - b) * sign;
    return String(a).localeCompare(String(b), 'en', { numeric: true }) * sign;
  });
}

/** Whether every word of the search is in one of the texts, whatever its case. */
export function matchesSearch(search: string, texts: readonly (string | null | undefined)[]): boolean {
  const haystack = texts.filter(Boolean).join('\n').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
