import { PlimsollError } from '../../errors.ts';
import type { IncidentQuery, PageQuery, ProblemQuery } from '../desk.ts';
import { OPEN_STATES } from '../incident/state.ts';
import type { IncidentState } from '../incident/state.ts';
import type { Page } from '../json/common.ts';
import { LIMITS } from '../limits.ts';
import type { ProblemState } from '../problem/state.ts';
import { sortKey } from './order.ts';
import type { Projections } from './projections.ts';

const DEFAULT_PAGE_ITEMS = 100;

type Parameter = string | number;

/** A page of incidents in the order of `sortKey`, then newest first. */
export function listIncidents({ db }: Projections, query: IncidentQuery): Page<IncidentState> {
  const filters = new Filters();
  const state = query.state ?? 'open';
  // The first sort column tells open from ended, so that a list of open ones never walks the history.
  if (state === 'open') filters.add('sort_1 = 0');
  else if (state !== 'all') filters.add('sort_1 = ? AND state = ?', OPEN_STATES.has(state) ? 0 : 1, state);
  if (query.priority !== undefined) filters.add('priority = ?', query.priority);
  if (query.service !== undefined) filters.add(hasElement('services'), query.service);
  if (query.instance !== undefined) filters.add(hasElement('instances'), query.instance);
  const cursor = readCursor(query, 4);
  if (cursor !== null) filters.add('(sort_1, sort_2, sort_3, -number) > (?, ?, ?, ?)', ...cursor);
  const limit = pageLimit(query);
  const rows = db
    .prepare(`SELECT body FROM incident ${filters.sql} ORDER BY sort_1, sort_2, sort_3, number DESC LIMIT ?`)
    .all(...filters.parameters, limit + 1);
  const items = rows.map((row) => JSON.parse(String(row['body'])) as IncidentState);
  return page(items, limit, (incident) => [...sortKey(incident), -incident.number]);
}

/** A page of problems: open ones first, then newest first. */
export function listProblems({ db }: Projections, query: ProblemQuery): Page<ProblemState> {
  const filters = new Filters();
  const state = query.state ?? 'all';
  if (state === 'open') filters.add('open = 1');
  else if (state !== 'all') filters.add('state = ?', state);
  if (query.service !== undefined) filters.add('service = ?', query.service);
  const cursor = readCursor(query, 2);
  if (cursor !== null) filters.add('(1 - open, -number) > (?, ?)', ...cursor);
  const limit = pageLimit(query);
  const rows = db
    .prepare(`SELECT body, open FROM problem ${filters.sql} ORDER BY 1 - open, -number LIMIT ?`)
    .all(...filters.parameters, limit + 1);
  const items = rows.map((row) => ({
    problem: JSON.parse(String(row['body'])) as ProblemState,
    ended: 1 - Number(row['open']),
  }));
  const { items: found, nextCursor } = page(items, limit, (item) => [item.ended, -item.problem.number]);
  return { items: found.map(({ problem }) => problem), nextCursor };
}

class Filters {
  readonly parameters: Parameter[] = [];
  readonly #conditions: string[] = [];

  add(condition: string, ...parameters: readonly Parameter[]): void {
    this.#conditions.push(condition);
    this.parameters.push(...parameters);
  }

  get sql(): string {
    return this.#conditions.length === 0 ? '' : `WHERE ${this.#conditions.join(' AND ')}`;
  }
}

function hasElement(column: string): string {
  return `EXISTS (SELECT 1 FROM json_each(${column}) WHERE value = ?)`;
}

function pageLimit({ limit = DEFAULT_PAGE_ITEMS }: PageQuery): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMITS.pageItems) return limit;
  throw new PlimsollError('invalid_argument', `limit must be a whole number from 1 to ${LIMITS.pageItems}`);
}

function page<T>(rows: readonly T[], limit: number, keyOf: (item: T) => readonly number[]): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, nextCursor: more ? Buffer.from(JSON.stringify(keyOf(last))).toString('base64url') : null };
}

/** A cursor is the sort key of the last item seen. */
function readCursor({ cursor }: PageQuery, length: number): readonly number[] | null {
  if (cursor === undefined) return null;
  const key = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (Array.isArray(key) && key.length === length && key.every((part) => Number.isSafeInteger(part))) {
    return key as number[];
  }
  throw new PlimsollError('invalid_argument', 'cursor is not one of this list: leave it out to start again');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
