import { clientFlags, openClient, outputOf } from '../client.ts';
import { EXIT, UsageError } from '../exit-code.ts';
import { type Flag, helpText, parseFlags, type ParsedFlags } from '../flags.ts';
import { cell, formatDetails, formatTable } from '../table.ts';

/** Something a person does with one item. */
export interface Action {
  readonly name: string;
  readonly summary: string;
  /** Arguments behind the id, each required. */
  readonly positionals: readonly string[];
  readonly flags: readonly Flag[];
  /** The path behind the item's own, and the body to post there. */
  readonly request: (
    positionals: readonly string[],
    flag: (name: string) => string | undefined,
  ) => { readonly path: string; readonly body: Readonly<Record<string, unknown>> };
}

/** A kind of item that the API lists under /api/plimsoll/v1. */
export interface Resource {
  readonly name: string;
  readonly path: string;
  /** Column headings and the members they show, dotted for nested ones. */
  readonly columns: readonly (readonly [heading: string, member: string])[];
  readonly filters: readonly Flag[];
  readonly actions: readonly Action[];
}

const BASE = 'api/plimsoll/v1';

/** A command `NAME list|show|ACTION` that is a client of the API. */
export function resourceCommand(resource: Resource): (args: readonly string[]) => Promise<number> {
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

async function list(resource: Resource, args: readonly string[]): Promise<number> {
  const flags = [...resource.filters, ...clientFlags];
  const parsed = await parseFlags(flags, args);
  if (parsed.help) return printHelp(`${resource.name} list [FLAGS]`, `Lists each ${resource.name}.`, flags);
  expectPositionals(parsed, []);
  const output = outputOf(flags, parsed);
  const client = await openClient(flags, parsed);
  const filters = resource.filters.map(({ name }) => [name, givenText(parsed, name)] as const);
  const answer = await client.get(`${BASE}/${resource.path}`, Object.fromEntries(filters));
  if (output === 'json') return printJson(answer);
  const rows = items(answer).map((item) =>
    resource.columns.map(([, member]) => cell(memberOf(item, member))),
  );
  console.log(
    formatTable(
      resource.columns.map(([heading]) => heading),
      rows,
    ),
  );
  return EXIT.ok;
}

async function show(resource: Resource, args: readonly string[]): Promise<number> {
  const parsed = await parseFlags(clientFlags, args);
  if (parsed.help)
    return printHelp(`${resource.name} show ID [FLAGS]`, `Shows one ${resource.name}.`, clientFlags);
  const [id] = expectPositionals(parsed, ['ID']);
  const output = outputOf(clientFlags, parsed);
  const client = await openClient(clientFlags, parsed);
  return printItem(await client.get(itemPath(resource, id)), output);
}

async function act(resource: Resource, action: Action, args: readonly string[]): Promise<number> {
  const flags = [...action.flags, ...clientFlags];
  const parsed = await parseFlags(flags, args);
  if (parsed.help) return printHelp(usageOf(resource, action), action.summary, flags);
  const positionals = expectPositionals(parsed, action.positionals);
  const { path, body } = action.request(positionals, (name) => givenText(parsed, name));
  const output = outputOf(flags, parsed);
  const client = await openClient(flags, parsed);
  return printItem(await client.post(`${BASE}/${resource.path}${path}`, body), output);
}

function itemPath(resource: Resource, id: string | undefined): string {
  return `${BASE}/${resource.path}/${encodeURIComponent(id ?? '')}`;
}

function expectPositionals(parsed: ParsedFlags, names: readonly string[]): readonly string[] {
  const { positionals } = parsed;
  const missing = names.slice(positionals.length);
  if (missing.length > 0)
    throw new UsageError(`${missing.join(' and ')} missing; --help shows how to write it`);
  const extra = positionals.slice(names.length);
  if (extra.length > 0)
    throw new UsageError(`unexpected "${extra.join(' ')}"; quote a text of several words`);
  return positionals;
}

function givenText(parsed: ParsedFlags, name: string): string | undefined {
  const value = parsed.given[name];
  return value === undefined ? undefined : String(value);
}

function printItem(item: unknown, output: 'table' | 'json'): number {
  if (output === 'json') return printJson(item);
  console.log(formatDetails(isRecord(item) ? item : {}));
  return EXIT.ok;
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

function usageOf(resource: Resource, action: Action): string {
  return [resource.name, action.name, ...action.positionals, '[FLAGS]'].join(' ');
}

function overview(resource: Resource): string {
  const rows = [
    [`${resource.name} list`, `List each ${resource.name}`],
    [`${resource.name} show ID`, 'Show one'],
    ...resource.actions.map((action) => [
      [resource.name, action.name, ...action.positionals].join(' '),
      action.summary,
    ]),
  ];
  const width = Math.max(...rows.map(([usage = '']) => usage.length));
  const lines = rows.map(([usage = '', summary = '']) => `  ${usage.padEnd(width)}  ${summary}`);
  return `Usage: plimsoll ${resource.name} VERB [FLAGS]\n\n${lines.join('\n')}`;
}

async function unknownVerb(resource: Resource, verb: string): Promise<UsageError> {
  const { nearestName } = await import('@plimsoll/rules');
  const valid = ['list', 'show', ...resource.actions.map(({ name }) => name)];
  const nearest = nearestName(verb, valid);
  const hint = nearest === undefined ? `valid: ${valid.join(', ')}` : `did you mean "${nearest}"?`;
  return new UsageError(`${resource.name} has no verb "${verb}"; ${hint}`);
}
