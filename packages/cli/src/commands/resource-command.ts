import { clientFlags, openClient, outputOf } from '../client.ts';
import { EXIT, UsageError } from '../exit-code.ts';
import {
  expectRequired,
  type Flag,
  helpText,
  parseFlags,
  type ParsedFlags,
  requiredUsage,
} from '../flags.ts';
import { cell, formatTable } from '../table.ts';

/** Something a person does with one item. */
export interface Action<Item> {
  readonly name: string;
  readonly summary: string;
  /** Whether its first argument is the id of an item, or it makes a new one. */
  readonly isOnItem: boolean;
  /** Arguments behind the id, each required. */
  readonly positionals: readonly string[];
  readonly flags: readonly Flag[];
  /** The path behind the item's own. */
  readonly path: string;
  /** The body to post there. */
  readonly body: (
    positionals: readonly string[],
    flag: (name: string) => string | undefined,
  ) => Readonly<Record<string, unknown>>;
  /** What came of it, behind the item's reference: "assigned to alice". */
  readonly done: (item: Item) => string;
}

/** A kind of item that the API lists under /api/plimsoll/v1. */
export interface Resource<Item extends object> {
  readonly name: string;
  readonly path: string;
  /** Where people know items by number: what stands before it, such as INC. */
  readonly prefix?: string;
  /** Column headings and the members they show, dotted for nested ones. */
  readonly columns: readonly (readonly [heading: string, member: string])[];
  readonly filters: readonly Flag[];
  readonly actions: readonly Action<Item>[];
  /** One item for reading. */
  readonly page: (item: Item, nowMs: number) => string;
}

const BASE = 'api/plimsoll/v1';

/** A command `NAME list|show|ACTION` that is a client of the API. */
export function resourceCommand<Item extends object>(
  resource: Resource<Item>,
): (args: readonly string[]) => Promise<number> {
  return async ([verb = '--help', ...args]) => {
    if (verb === '--help' || verb === '-h') {
      console.log(overview(resource));
      return EXIT.ok;
    }
    if (verb === 'list') return list(resource, args);
    if (verb === 'show') return show(resource, args);
    const action = resource.actions.find((candidate) => candidate.name === verb);
    if (action === undefined) throw await unknownVerb(resource, verb);
    return act(resource, action, args);
  };
}

async function list<Item extends object>(resource: Resource<Item>, args: readonly string[]): Promise<number> {
  const flags = [...resource.filters, ...clientFlags];
  const parsed = await parseFlags(flags, args);
  if (parsed.help) return printHelp(`${resource.name} list [FLAGS]`, `Lists each ${resource.name}.`, flags);
  expectPositionals(parsed, []);
  expectCount(parsed, 'limit');
  const output = outputOf(flags, parsed);
  const client = await openClient(flags, parsed);
  const filters = resource.filters.map(({ name }) => [name, givenText(parsed, name)] as const);
  const answer = await client.get(`${BASE}/${resource.path}`, Object.fromEntries(filters));
  if (output === 'json') return printJson(answer);
  const rows = items(answer).map((item) =>
    resource.columns.map(([, member]) =>
      member === 'number' ? referenceOf(resource, item) : cell(memberOf(item, member)),
    ),
  );
  console.log(
    formatTable(
      resource.columns.map(([heading]) => heading),
      rows,
    ),
  );
  return EXIT.ok;
}

async function show<Item extends object>(resource: Resource<Item>, args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(clientFlags, args);
  if (parsed.help)
    return printHelp(`${resource.name} show ID [FLAGS]`, `Shows one ${resource.name}.`, clientFlags);
  const [id = ''] = expectPositionals(parsed, ['ID']);
  const output = outputOf(clientFlags, parsed);
  const client = await openClient(clientFlags, parsed);
  const item = await client.get(itemPath(resource, id));
  if (output === 'json') return printJson(item);
  // The collector's own answer: its form is the API's contract.
  console.log(resource.page(item as Item, Date.now()));
  return EXIT.ok;
}

async function act<Item extends object>(
  resource: Resource<Item>,
  action: Action<Item>,
  args: readonly string[],
): Promise<number> {
  const flags = [...action.flags, ...clientFlags];
  const parsed = await parseFlags(flags, args);
  if (parsed.help) return printHelp(`${usageOf(resource, action)} [FLAGS]`, action.summary, flags);
  const positionals = expectPositionals(parsed, argumentsOf(action));
  expectRequired(flags, parsed);
  const [id = ''] = positionals;
  const body = action.body(action.isOnItem ? positionals.slice(1) : positionals, (name) =>
    givenText(parsed, name),
  );
  const output = outputOf(flags, parsed);
  const client = await openClient(flags, parsed);
  const path = `${action.isOnItem ? itemPath(resource, id) : `${BASE}/${resource.path}`}${action.path}`;
  if (output === 'json') return printJson(await client.post(path, body));
  const before = action.isOnItem ? await client.get(itemPath(resource, id)) : undefined;
  const after = await client.post(path, body);
  const isUnchanged = before !== undefined && lastEntry(before) === lastEntry(after);
  const done = action.done(after as Item);
  console.log(`${referenceOf(resource, after)} ${isUnchanged ? `unchanged: it is ${done}` : done}`);
  return EXIT.ok;
}

/** Every change is an entry of the timeline; clocks run without one. */
function lastEntry(item: unknown): string {
  const timeline = memberOf(item, 'timeline');
  return Array.isArray(timeline) ? `${timeline.length} ${JSON.stringify(timeline.at(-1))}` : '';
}

/** The name people know an item by: INC-12, or the name of a service. */
function referenceOf<Item extends object>({ prefix }: Resource<Item>, item: unknown): string {
  return prefix === undefined ? cell(memberOf(item, 'name')) : `${prefix}-${cell(memberOf(item, 'number'))}`;
}

/** The API takes an id or a number; people also write INC-12, inc-12 and #12. */
function itemPath<Item extends object>({ path, prefix }: Resource<Item>, written: string): string {
  const [, mark = '', number] = /^(?:(#)|[a-z]+-)(\d+)$/i.exec(written) ?? [];
  const isReference =
    prefix !== undefined &&
    number !== undefined &&
    (mark === '#' || written.toUpperCase().startsWith(`${prefix}-`));
  return `${BASE}/${path}/${encodeURIComponent(isReference ? number : written)}`;
}

function expectPositionals(parsed: ParsedFlags, names: readonly string[]): readonly string[] {
  const { positionals } = parsed;
  const missing = names.slice(positionals.length);
  if (missing.length > 0)
    throw new UsageError(`${missing.join(' and ')} missing; --help shows how to write it`);
  const extra = positionals.slice(names.length);
  if (extra.length > 0)
    throw new UsageError(`unexpected "${extra.join(' ')}"; quote a text of several words`);
  const empty = positionals.findIndex((text) => text.trim() === '');
  if (empty !== -1) throw new UsageError(`the ${names[empty]?.toLowerCase()} is empty`);
  return positionals;
}

function expectCount(parsed: ParsedFlags, name: string): void {
  const written = givenText(parsed, name);
  if (written !== undefined && !/^[1-9]\d*$/.test(written))
    throw new UsageError(`--${name} "${written}": give a whole number, 1 or more`);
}

function givenText(parsed: ParsedFlags, name: string): string | undefined {
  const value = parsed.given[name];
  return value === undefined ? undefined : String(value);
}

function printJson(answer: unknown): number {
  console.log(JSON.stringify(answer, null, 2));
  return EXIT.ok;
}

function printHelp(usage: string, summary: string, flags: readonly Flag[]): number {
  console.log(helpText(usage, summary, flags));
  return EXIT.ok;
}

function items(answer: unknown): readonly unknown[] {
  return isRecord(answer) && Array.isArray(answer['items']) ? answer['items'] : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function memberOf(item: unknown, path: string): unknown {
  return path.split('.').reduce((at: unknown, name) => (isRecord(at) ? at[name] : undefined), item);
}

function argumentsOf<Item>({ isOnItem, positionals }: Action<Item>): string[] {
  return [...(isOnItem ? ['ID'] : []), ...positionals];
}

function usageOf<Item extends object>(resource: Resource<Item>, action: Action<Item>): string {
  return [resource.name, action.name, ...argumentsOf(action), ...requiredUsage(action.flags)].join(' ');
}

function overview<Item extends object>(resource: Resource<Item>): string {
  const rows = [
    [`${resource.name} list`, `List each ${resource.name}`],
    [`${resource.name} show ID`, 'Show one'],
    ...resource.actions.map((action) => [usageOf(resource, action), action.summary]),
  ];
  const width = Math.max(...rows.map(([usage = '']) => usage.length));
  const lines = rows.map(([usage = '', summary = '']) => `  ${usage.padEnd(width)}  ${summary}`);
  const { name, prefix } = resource;
  const ids = prefix === undefined ? '' : `\n\nAn ID is ${prefix}-12, #12, 12 or the long id.`;
  return `Usage: plimsoll ${name} VERB [FLAGS]\n\n${lines.join('\n')}${ids}`;
}

async function unknownVerb<Item extends object>(resource: Resource<Item>, verb: string): Promise<UsageError> {
  const { nearestName } = await import('@plimsoll/rules');
  const valid = ['list', 'show', ...resource.actions.map(({ name }) => name)];
  const nearest = nearestName(verb, valid);
  const hint = nearest === undefined ? `valid: ${valid.join(', ')}` : `did you mean "${nearest}"?`;
  return new UsageError(`${resource.name} has no verb "${verb}"; ${hint}`);
}
