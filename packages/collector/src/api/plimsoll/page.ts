import { z } from 'zod';
import { DEFAULT_PAGE_ITEMS, MAX_PAGE_ITEMS } from '../limits.ts';

/** `limit` and `cursor`, which every list takes. */
export const pageQueryShape = {
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_ITEMS).default(DEFAULT_PAGE_ITEMS),
  cursor: z.string().max(1024).optional(),
};

/** The answer of a list. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('Pass as `cursor` for the next page; null on the last one.'),
  });
}

export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/**
 * A page of a list that is in memory. The cursor is the key of the last item shown; the list must be sorted by that
 * key, so that items that come and go between two pages shift nothing.
 */
export function pageOf<T>(
  items: readonly T[],
  key: (item: T) => string,
  query: { readonly limit: number; readonly cursor?: string | undefined },
): Page<T> {
  const after = query.cursor;
  const from = after === undefined ? 0 : items.findIndex((item) => key(item) > after);
  const page = from === -1 ? [] : items.slice(from, from + query.limit);
  const last = page.at(-1);
  const more = from !== -1 && from + query.limit < items.length;
  return { items: page, nextCursor: more && last !== undefined ? key(last) : null };
}
