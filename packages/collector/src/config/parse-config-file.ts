import { nearestName } from '@plimsoll/rules';
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { PlimsollError } from '../errors.ts';
import { type ConfigFile, fileDefaults, fileSchema } from './file-schema.ts';

/** A configuration file that was read without an error. */
export interface ParsedConfigFile {
  readonly settings: ConfigFile;
  /** The file with the defaults filled in, in the file's notation. */
  readonly written: Readonly<Record<string, unknown>>;
  /** The line a setting is written on, or null where the default holds. */
  lineOf(path: readonly PropertyKey[]): number | null;
}

/** Larger than any configuration a person writes, characters; a wrong file is refused before it is parsed. */
const MAX_FILE_CHARACTERS = 4_000_000;
const MAX_ALIASES = 100;

/** Reads a configuration file. Throws `configuration` naming every fault by file, line and column. */
export function parseConfigFile(file: string, text: string): ParsedConfigFile {
  if (text.length > MAX_FILE_CHARACTERS) {
    throw new PlimsollError('configuration', `${file}: longer than ${MAX_FILE_CHARACTERS} characters`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  if (document.errors.length > 0) {
    refuse(document.errors.map((error) => `${place(error.pos[0])}: ${error.message}`));
  }
  const written = merge(fileDefaults, toPlain(document, file));
  const parsed = fileSchema.safeParse(written);
  if (!parsed.success) {
    refuse(parsed.error.issues.flatMap((issue) => describe(issue, document, place)));
  }
  return {
    settings: parsed.data,
    written,
    lineOf: (path) => (document.hasIn(path) ? lines.linePos(offsetOf(document, path)).line : null),
  };
}

function refuse(faults: readonly string[]): never {
  throw new PlimsollError('configuration', faults.join('\n'));
}

function toPlain(document: Document, file: string): Record<string, unknown> {
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw new PlimsollError(
      'configuration',
      `${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (plain === null || plain === undefined) return {};
  if (isRecord(plain)) return plain;
  throw new PlimsollError('configuration', `${file}:1:1: the file must hold settings by name`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sections merge name by name, everything else replaces its default; an empty section changes nothing. */
function merge(
  defaults: Readonly<Record<string, unknown>>,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    const base = defaults[name];
    if (isRecord(base) && isRecord(value)) merged[name] = merge(base, value);
    else if (value !== null || !(name in defaults)) merged[name] = value;
  }
  return merged;
}

type Issue = NonNullable<ReturnType<typeof fileSchema.safeParse>['error']>['issues'][number];

function describe(issue: Issue, document: Document, place: (offset: number) => string): string[] {
  const where = issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys') {
    const name = where === '' ? '' : `${where}: `;
    return [`${place(offsetOf(document, issue.path))}: ${name}${issue.message}`];
  }
  const valid = validNames(issue.path);
  return issue.keys.map((key) => {
    const nearest = nearestName(key, valid);
    const hint = nearest === undefined ? `valid here: ${valid.join(', ')}` : `did you mean "${nearest}"?`;
    const section = where === '' ? 'the configuration' : where;
    return `${place(keyOffsetOf(document, issue.path, key))}: unknown key "${key}" in ${section}; ${hint}`;
  });
}

/** The keys the schema has at a path, found by walking the defaults; those of a channel come from its kind. */
function validNames(path: readonly PropertyKey[]): string[] {
  let at: unknown = fileDefaults;
  for (const step of path) {
    if (Array.isArray(at)) return path[0] === 'alerting' ? alertmanagerNames(path) : channelNames();
    at = isRecord(at) ? at[String(step)] : undefined;
  }
  return isRecord(at) ? Object.keys(at) : [];
}

function channelNames(): string[] {
  const channel = fileSchema.shape.notifications.shape.channels.element;
  return [...new Set(channel.options.flatMap((option) => Object.keys(option.shape)))];
}

function alertmanagerNames(path: readonly PropertyKey[]): string[] {
  if (path.includes('static_configs')) return ['targets'];
  return Object.keys(fileSchema.shape.alerting.shape.alertmanagers.element.shape);
}

/** Where the value at a path begins, or where its closest written ancestor does. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return 0;
}

function keyOffsetOf(document: Document, path: readonly PropertyKey[], key: string): number {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isMap(map)) return offsetOf(document, path);
  const pair = map.items.find(({ key: node }) => isScalar(node) && String(node.value) === key);
  return isScalar(pair?.key) ? (pair.key.range?.[0] ?? 0) : offsetOf(document, path);
}

function isNode(value: unknown): value is { range?: [number, number, number] | null } {
  return typeof value === 'object' && value !== null && 'range' in value;
}
