import { parseRfc3339 } from '../prometheus/parameters.ts';
import { unreadable } from './read-json.ts';

/** Go's zero time stands for none. */
const ZERO = '0001-01-01T00:00:00';

/** A time of a body in milliseconds; null when it is left out. `name` is what the body is called in errors. */
export function readTime(text: string | null | undefined, name: string): number | null {
  if (text === null || text === undefined || text === '' || text.startsWith(ZERO)) return null;
  const timeMs = parseRfc3339(text);
  if (timeMs !== null) return timeMs;
  throw unreadable(name, `${JSON.stringify(text)} is not a time as RFC 3339 writes it`);
}
